import Gateway
import ServiceRuntime

@main
enum GatewayMain {
  static func main() async {
    await ServiceRuntime.run(Gateway.definition)
  }
}
