print("LoopClosure")
