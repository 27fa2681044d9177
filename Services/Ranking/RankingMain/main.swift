print("Ranking")
