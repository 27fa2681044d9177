import Foundation
package import Messaging

/// The keys and the allow-list that the settings name.
package struct NetworkKeys: Sendable {
  package let keyring: Keyring
  let listPath: String

  /// - Returns: nil where neither is set, so that the network is in the clear and stays on this machine.
  /// - Throws: `ConfigurationError` where only one is set, or where a file can't be used.
  package static func load(_ settings: Settings) throws(ConfigurationError) -> NetworkKeys? {
    let files = (settings[StandardSettings.secretKeyFile], settings[StandardSettings.allowList])
    switch files {
    case (nil, nil): return nil
    case (let secretPath?, let listPath?):
      do {
        let pair = try KeyFile.readPair(at: secretPath)
        let list = try KeyAllowList(readingFileAt: listPath)
        return NetworkKeys(keyring: Keyring(own: pair, access: AccessControl(list)), listPath: listPath)
      } catch {
        throw ConfigurationError(.value, ["\(error)"])
      }
    case (_, nil): throw ConfigurationError(.value, ["secret-key-file is set, so allow-list has to be set, too"])
    case (nil, _): throw ConfigurationError(.value, ["allow-list is set, so secret-key-file has to be set, too"])
    }
  }
}
