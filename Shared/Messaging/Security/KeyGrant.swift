package import Contracts

/// Some things by name, or all that there are.
package enum Scope<Name: Hashable & Sendable>: Hashable, Sendable {
  case all
  case only(Set<Name>)

  package func contains(_ name: Name) -> Bool {
    switch self {
    case .all: true
    case .only(let names): names.contains(name)
    }
  }

  package static var none: Scope { .only([]) }
}

/// What the holder of a key may do. What isn't granted is denied.
package struct KeyGrant: Hashable, Sendable {
  /// Whose keys they are: a service's own name, or what an operator calls another program.
  package let name: String
  /// Several while one replaces another.
  package let publicKeys: [CurvePublicKey]
  /// Streams that it may read, live or from the journal.
  package let streams: Scope<StreamName>
  /// Methods as `service/Method`, and whole services as `service/*`.
  package let methods: Scope<String>
  /// Programmes that its requests may name.
  package let programmes: Scope<ID<Programme>>
  /// Names of those on whose behalf it may call, beside its own. Nobody but a service itself calls as that service.
  package let speaksFor: Scope<String>
  package let limits: KeyLimits

  package init(
    name: String,
    publicKeys: [CurvePublicKey],
    streams: Scope<StreamName> = .none,
    methods: Scope<String> = .none,
    programmes: Scope<ID<Programme>> = .none,
    speaksFor: Scope<String> = .none,
    limits: KeyLimits = KeyLimits()
  ) {
    self.name = name
    self.publicKeys = publicKeys
    self.streams = streams
    self.methods = methods
    self.programmes = programmes
    self.speaksFor = speaksFor
    self.limits = limits
  }

  /// Whether it may read a stream.
  ///
  /// One of our services is held to Contracts' allow-list as well, whatever the operator's says: scores stay away from
  /// those who rank teams and set goals.
  package func mayRead(_ stream: StreamName) -> Bool {
    guard streams.contains(stream) else { return false }
    return AllowList.Consumer(rawValue: name).map { AllowList.permits($0, toRead: stream) } ?? true
  }

  /// Whom it is when it doesn't say on whose behalf it calls.
  package var itself: Principal { Principal(role: .program, name: name) }

  /// Whether it may call on behalf of `principal`.
  package func maySpeakFor(_ principal: Principal) -> Bool {
    principal == itself || (speaksFor.contains(principal.name) && AllowList.Consumer(rawValue: principal.name) == nil)
  }

  package func mayCall(_ service: String, _ method: String) -> Bool {
    switch methods {
    case .all: true
    case .only(let names): names.contains("\(service)/\(method)") || names.contains("\(service)/*")
    }
  }
}

/// How much one name's programs may ask of a server at once, all their connections together.
package struct KeyLimits: Hashable, Sendable {
  /// Calls begun in a second; so many may come at once after a pause. More are answered RESOURCE_EXHAUSTED.
  package var callsPerSecond = 20_000
  /// Calls under way; more are answered RESOURCE_EXHAUSTED.
  package var calls = 8192
  /// Connected clients that a server remembers; calls of further ones are answered RESOURCE_EXHAUSTED.
  package var clients = 64
  /// Handshakes in a second; so many may come at once after a pause. Further ones are refused.
  package var connectionsPerSecond = 64

  package init() {}
}
