import Ingestion
import ServiceRuntime

@main
enum IngestionMain {
  static func main() async {
    await ServiceRuntime.run(Ingestion.definition)
  }
}
