import LoopClosure
import ServiceRuntime

/// `groundswell-loop-closure`.
@main
enum LoopClosureMain {
  static func main() async {
    await ServiceRuntime.run(LoopClosure.definition)
  }
}
