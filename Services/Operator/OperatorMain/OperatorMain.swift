import ArgumentParser
import Operator

@main
enum OperatorMain {
  static func main() async {
    await GroundswellCommand.main()
  }
}
