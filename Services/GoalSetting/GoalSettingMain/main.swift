print("GoalSetting")
