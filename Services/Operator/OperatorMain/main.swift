print("Operator")
