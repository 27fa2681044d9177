// GoalSetting
