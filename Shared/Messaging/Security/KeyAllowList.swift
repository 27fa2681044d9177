import Contracts
import Foundation

/// Who may connect, and what each may do: the operator's list, read from a JSON file.
///
/// It also says by which key a server is recognised: that of the entry with the service's name.
package struct KeyAllowList: Sendable, Equatable {
  package let grants: [KeyGrant]
  private let byKey: [String: KeyGrant]

  package static let empty = KeyAllowList(unchecked: [])

  private init(unchecked grants: [KeyGrant]) {
    self.grants = grants
    byKey = Dictionary(
      grants.flatMap { grant in grant.publicKeys.map { ($0.description, grant) } },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// - Throws: `KeyFileError` for names or keys that occur twice, and for rights that contradict each other.
  package init(_ grants: [KeyGrant]) throws(KeyFileError) {
    var names: Set<String> = []
    var owners: [CurvePublicKey: String] = [:]
    for grant in grants {
      guard names.insert(grant.name).inserted else { throw KeyFileError("'\(grant.name)' is listed twice") }
      for key in grant.publicKeys {
        if let owner = owners.updateValue(grant.name, forKey: key) {
          guard owner != grant.name else { throw KeyFileError("the key \(key) is listed twice for '\(owner)'") }
          throw KeyFileError("the key \(key) is listed for '\(owner)' and '\(grant.name)'; a key has one owner")
        }
      }
      try KeyAllowList.check(grant)
    }
    self.init(unchecked: grants)
  }

  private static func check(_ grant: KeyGrant) throws(KeyFileError) {
    if case .only = grant.programmes, grant.programmes != .none, grant.streams != .none {
      throw KeyFileError(
        """
        '\(grant.name)' is limited to some programmes and may read streams; a stream holds all programmes, \
        so grant one or the other
        """
      )
    }
    guard let consumer = AllowList.Consumer(rawValue: grant.name), case .only(let streams) = grant.streams else {
      return
    }
    if let forbidden = streams.sorted().first(where: { !AllowList.permits(consumer, toRead: $0) }) {
      throw KeyFileError("'\(grant.name)' is a service that must never read \(forbidden)")
    }
  }

  /// What the holder of a key may do; nil for a key that isn't listed.
  /// - Parameter key: as Z85.
  func grant(ofKey key: String) -> KeyGrant? { byKey[key] }

  /// The keys of an entry, by its name.
  func keys(of name: String) -> [CurvePublicKey] { grants.first { $0.name == name }?.publicKeys ?? [] }

  /// The keys whose holders may read a stream.
  func readers(of stream: StreamName) -> Set<CurvePublicKey> {
    Set(grants.lazy.filter { $0.mayRead(stream) }.flatMap(\.publicKeys))
  }
}

// MARK: The file

extension KeyAllowList {
  /// A larger file is a mistake.
  private static let mostBytes = 1 << 20
  private static let mostEntries = 1000

  /// Reads `{"keys": [{"name": …, "publicKeys": […], "streams": […], "methods": […], "programmes": […],
  /// "speaksFor": […], "limits": {…}}]}`.
  /// - Throws: `KeyFileError` with the place of what is wrong. A member that nobody knows is wrong, too: a misspelt one
  ///   would silently deny. So is one that stands twice: whichever was taken, the other would be what somebody meant.
  package init(readingFileAt path: String) throws(KeyFileError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw KeyFileError("the allow-list \(path) can't be read (\(error.localizedDescription))")
    }
    do throws(KeyFileError) {
      guard data.count <= KeyAllowList.mostBytes else { throw KeyFileError("it is larger than 1 MiB") }
      try self.init(json: [UInt8](data))
    } catch {
      throw KeyFileError("the allow-list \(path) can't be used: \(error)")
    }
  }

  /// - Throws: `KeyFileError`.
  package init(json: [UInt8]) throws(KeyFileError) {
    let root: JSONValue
    do throws(Fault) {
      root = try JSONReader.value(of: json)
    } catch {
      throw KeyFileError(error.field.map { "\($0): \(error.message)" } ?? error.message)
    }
    let reader = try AllowListReader(root, at: "", members: ["keys"])
    let entries = try reader.array("keys") ?? []
    guard entries.count <= KeyAllowList.mostEntries else {
      throw KeyFileError("it has \(entries.count) entries; \(KeyAllowList.mostEntries) are the most")
    }
    var grants: [KeyGrant] = []
    for (index, entry) in entries.enumerated() { grants.append(try KeyGrant(entry, at: "keys[\(index)]")) }
    try self.init(grants)
  }
}

extension KeyGrant {
  /// In bytes.
  private static let longestName = 64

  fileprivate init(_ entry: JSONValue, at place: String) throws(KeyFileError) {
    let reader = try AllowListReader(
      entry,
      at: place,
      members: ["name", "publicKeys", "streams", "methods", "programmes", "speaksFor", "limits"]
    )
    guard let name = entry["name"]?.string, (1...KeyGrant.longestName).contains(name.utf8.count) else {
      throw KeyFileError("\(place).name must be a text of 1 to \(KeyGrant.longestName) bytes")
    }
    var keys: [CurvePublicKey] = []
    for text in try reader.texts("publicKeys") ?? [] {
      guard let key = CurvePublicKey(text) else {
        throw KeyFileError("\(place).publicKeys: '\(text)' is no public key; those have 40 characters of Z85")
      }
      keys.append(key)
    }
    self.init(
      name: name,
      publicKeys: keys,
      streams: try reader.scope("streams", "the name of a stream", StreamName.init),
      methods: try reader.scope("methods", "service/Method or service/*") { KeyGrant.isMethod($0) ? $0 : nil },
      programmes: try reader.scope("programmes", "the id of a programme") { text in
        ID<Programme>.isWellFormed(text) ? ID(text) : nil
      },
      speaksFor: try reader.scope("speaksFor", "a name of at most \(KeyGrant.longestName) bytes") { text in
        (1...KeyGrant.longestName).contains(text.utf8.count) && text != "*" ? text : nil
      },
      limits: try KeyLimits(entry["limits"], at: "\(place).limits")
    )
  }

  private static func isMethod(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && !parts[0].contains("*")
      && (parts[1] == "*" || !parts[1].contains("*"))
  }
}

extension KeyLimits {
  fileprivate init(_ value: JSONValue?, at place: String) throws(KeyFileError) {
    self.init()
    guard let value else { return }
    let reader = try AllowListReader(
      value,
      at: place,
      members: ["callsPerSecond", "calls", "clients", "connectionsPerSecond"]
    )
    callsPerSecond = try reader.count("callsPerSecond") ?? callsPerSecond
    calls = try reader.count("calls") ?? calls
    clients = try reader.count("clients") ?? clients
    connectionsPerSecond = try reader.count("connectionsPerSecond") ?? connectionsPerSecond
  }
}

/// Reads an object of the file, and says where what is wrong.
private struct AllowListReader {
  let value: JSONValue
  let place: String

  init(_ value: JSONValue, at place: String, members: Set<String>) throws(KeyFileError) {
    guard case .object(let object) = value else {
      throw KeyFileError("\(place.isEmpty ? "the file" : place) must be an object")
    }
    if let stranger = Set(object.keys).subtracting(members).min() {
      throw KeyFileError("\(place)\(place.isEmpty ? "" : ".")\(stranger): there is no such member")
    }
    self.value = value
    self.place = place
  }

  func array(_ name: String) throws(KeyFileError) -> [JSONValue]? {
    switch value[name] {
    case nil: return nil
    case .array(let values): return values
    default: throw KeyFileError("\(path(name)) must be an array")
    }
  }

  func texts(_ name: String) throws(KeyFileError) -> [String]? {
    guard let values = try array(name) else { return nil }
    var texts: [String] = []
    for value in values {
      guard let text = value.string else { throw KeyFileError("\(path(name)) must hold texts only") }
      texts.append(text)
    }
    return texts
  }

  /// `["*"]` is all; nothing is none.
  func scope<Name: Hashable & Sendable>(
    _ name: String,
    _ what: String,
    _ parse: (String) -> Name?
  ) throws(KeyFileError) -> Scope<Name> {
    let texts = try texts(name) ?? []
    if texts == ["*"] { return .all }
    var names: Set<Name> = []
    for text in texts {
      guard let parsed = parse(text) else {
        throw KeyFileError("\(path(name)): '\(text)' must be \(what), or \"*\" alone for all")
      }
      names.insert(parsed)
    }
    return .only(names)
  }

  func count(_ name: String) throws(KeyFileError) -> Int? {
    switch value[name] {
    case nil: return nil
    case .integer(let number) where (1...1_000_000).contains(number): return Int(number)
    default: throw KeyFileError("\(path(name)) must be a whole number from 1 to 1000000")
    }
  }

  private func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
}
