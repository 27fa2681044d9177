/// Where the other services are, as far as settings say; else where they would be on this machine.
package struct PeerAddresses: Sendable {
  private let publish: [String: [String]]
  private let answer: [String: [String]]

  package init(_ settings: Settings) {
    self.init(upstream: settings[StandardSettings.upstream], peer: settings[StandardSettings.peer])
  }

  package init(upstream: [PeerEndpoint], peer: [PeerEndpoint]) {
    publish = Dictionary(grouping: upstream, by: \.service).mapValues { $0.map(\.endpoint) }
    answer = Dictionary(grouping: peer, by: \.service).mapValues { $0.map(\.endpoint) }
  }

  /// One instance of another service.
  package struct Address: Hashable, Sendable {
    package let publish: String
    package let answer: String

    package init(publish: String, answer: String) {
      self.publish = publish
      self.answer = answer
    }
  }

  /// The instances of a service, instance 0 first. Where only one side was set, the other is taken to be its
  /// neighbour: calls one port after events.
  package func instances(of service: ServiceProfile) throws(ConfigurationError) -> [Address] {
    let publish = publish[service.name] ?? []
    let answer = answer[service.name] ?? []
    guard !publish.isEmpty || !answer.isEmpty else {
      return [
        Address(
          publish: "tcp://127.0.0.1:\(service.publishPort)",
          answer: "tcp://127.0.0.1:\(service.answerPort)"
        )
      ]
    }
    guard publish.isEmpty || answer.isEmpty || publish.count == answer.count else {
      throw ConfigurationError(
        .value,
        ["--upstream names \(publish.count) and --peer \(answer.count) instances of \(service.name); name as many"]
      )
    }
    var addresses: [Address] = []
    for index in 0..<max(publish.count, answer.count) {
      let publication = publish.isEmpty ? Endpoints.neighbour(of: answer[index], offset: -1) : publish[index]
      let answering = answer.isEmpty ? Endpoints.neighbour(of: publish[index], offset: 1) : answer[index]
      guard let publication, let answering else {
        throw ConfigurationError(
          .value,
          ["\(service.name) has no port to count from; name both --upstream and --peer for it"]
        )
      }
      addresses.append(Address(publish: publication, answer: answering))
    }
    return addresses
  }
}
