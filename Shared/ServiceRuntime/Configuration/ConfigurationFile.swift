import Configuration
import Foundation

/// The JSON file: settings for all services at its top, and a section for each service.
///
/// `{"log-level": "info", "ranking": {"publish": "tcp://0.0.0.0:7420"}, "ingestion": {…}}`
struct ConfigurationFile {
  let path: String
  let provider: FileProvider<JSONSnapshot>

  /// - Throws: `ConfigurationError` where it can't be read, is no JSON object, or holds a key nobody knows: a
  ///   misspelt key that is silently ignored costs more than a start that fails.
  init(path: String, service: String, shared: Set<String>, own: Set<String>) async throws(ConfigurationError) {
    self.path = path
    let object = try ConfigurationFile.object(at: path)
    let sections = Set(ServiceProfile.all.map(\.name)).union([service, "operator"])
    var problems = object.keys.filter { !shared.contains($0) && !sections.contains($0) }.sorted().map {
      "\(path): there is no setting \"\($0)\" for all services; settings of one service stand in its section"
    }
    if let section = object[service] {
      if let settings = section as? [String: Any] {
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

  private static func object(at path: String) throws(ConfigurationError) -> [String: Any] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw ConfigurationError(
        .value,
        ["\(path): the configuration file can't be read (\(error.localizedDescription))"]
      )
    }
    do {
      if let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] { return object }
    } catch {
      throw ConfigurationError(.value, ["\(path): this is not JSON (\(error.localizedDescription))"])
    }
    throw ConfigurationError(.value, ["\(path): the file must hold one JSON object"])
  }
}
