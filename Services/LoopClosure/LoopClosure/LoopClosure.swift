// LoopClosure
