import Configuration
import Contracts
import Foundation

/// The JSON file: settings for all services at its top, and a section for each service.
///
/// `{"log-level": "info", "ranking": {"publish": "tcp://0.0.0.0:7420"}, "ingestion": {…}}`
struct ConfigurationFile {
  let path: String
  let provider: FileProvider<JSONSnapshot>

  /// - Throws: `ConfigurationError` where it can't be read, is no JSON object, or holds a key twice or one that nobody
  ///   knows: a setting that is silently ignored costs more than a start that fails.
  init(path: String, service: String, shared: Set<String>, own: Set<String>) async throws(ConfigurationError) {
    self.path = path
    let object = try ConfigurationFile.object(at: path)
    let sections = Set(ServiceProfile.all.map(\.name)).union([service, "operator"])
    var problems = object.keys.filter { !shared.contains($0) && !sections.contains($0) }.sorted().map {
      "\(path): there is no setting \"\($0)\" for all services; settings of one service stand in its section"
    }
    if let section = object[service] {
      if case .object(let settings) = section {
        problems += settings.keys.filter { !shared.contains($0) && !own.contains($0) }.sorted().map {
          "\(path): there is no setting \"\($0)\" for \(service)"
        }
      } else {
        problems.append("\(path): \"\(service)\" must be an object of settings")
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(.value, problems) }
    do {
      let location = InMemoryProvider(values: ["filePath": ConfigValue(.string(path), isSecret: false)])
      provider = try await FileProvider<JSONSnapshot>(config: ConfigReader(provider: location))
    } catch {
      throw ConfigurationError(.value, ["\(path): \(error)"])
    }
  }

  private static func object(at path: String) throws(ConfigurationError) -> [String: JSONValue] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw ConfigurationError(
        .value,
        ["\(path): the configuration file can't be read (\(error.localizedDescription))"]
      )
    }
    do throws(Fault) {
      if case .object(let object) = try JSONReader.value(of: [UInt8](data)) { return object }
    } catch {
      let place = error.field.map { "\($0): " } ?? ""
      throw ConfigurationError(.value, ["\(path): this is not JSON as settings need it: \(place)\(error.message)"])
    }
    throw ConfigurationError(.value, ["\(path): the file must hold one JSON object"])
  }
}
