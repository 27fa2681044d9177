package import Contracts
package import Messaging
import Records

/// The client of one instance of a service.
package struct RoutedClient: Sendable {
  package let client: CallClient
  package let instance: Int
  private let service: ServiceProfile

  init(client: CallClient, instance: Int, of service: ServiceProfile) {
    self.client = client
    self.instance = instance
    self.service = service
  }

  /// The settings for a call to this instance. It never hears of what another instance of its own service writes, and
  /// would wait in vain to come to such a position.
  package func settings(_ settings: CallSettings) -> CallSettings {
    var settings = settings
    settings.after = settings.after.filter { text in
      guard let position = StreamPosition(text), service.streams.contains(position.identity.stream) else { return true }
      return Int(position.identity.instance) == instance
    }
    return settings
  }
}

extension ServiceClients {
  /// Calls the instance of a service that answers for a programme.
  ///
  /// Where the service's instances divide the programmes among them, that is the owner of the programme's partition;
  /// whoever turns out not to be it any more is asked once who is. Else each programme has an instance of its own, for
  /// as long as there are as many.
  /// - Parameters:
  ///   - programme: what the call is about, asked only where it matters; instance 0 is called where it is about none.
  ///   - anyWillDo: whether another instance may take the call's place where that one isn't there. Only where instances
  ///     aren't divided.
  package func routed<Value: Sendable>(
    to service: ServiceProfile,
    about programme: () -> ID<Programme>?,
    anyWillDo: Bool = false,
    _ call: (RoutedClient) async throws -> Value
  ) async throws -> Value {
    let count = count(of: service)
    guard count > 1, let programme = programme() else {
      return try await call(RoutedClient(client: self[service], instance: 0, of: service))
    }
    let partition = Partition(of: programme)
    if service.isPartitioned { return try await callOwner(of: partition, in: service, call) }
    let home = Int(partition.rawValue) % count
    var first: Fault?
    for step in 0..<(anyWillDo ? count : 1) {
      let instance = (home + step) % count
      do {
        return try await call(RoutedClient(client: self[service, instance: instance], instance: instance, of: service))
      } catch let fault as Fault where fault.code == .unavailable {
        first = first ?? fault
      }
    }
    throw first ?? Fault(.unavailable, reason: "unknownInstance", "\(service.name) has no instance.")
  }

  private func callOwner<Value: Sendable>(
    of partition: Partition,
    in service: ServiceProfile,
    _ call: (RoutedClient) async throws -> Value
  ) async throws -> Value {
    let instance = try await routes.owner(of: partition, in: service)
    do {
      return try await call(RoutedClient(client: self[service, instance: instance], instance: instance, of: service))
    } catch let fault as Fault where ["partitionMoved", "partitionElsewhere"].contains(fault.reason) {
      routes.forget(service)
      let instance = try await routes.owner(of: partition, in: service)
      return try await call(RoutedClient(client: self[service, instance: instance], instance: instance, of: service))
    } catch let fault as Fault where fault.reason == "partitionMoving" {
      routes.forget(service)
      throw fault
    }
  }
}

extension ServiceClients {
  /// Calls every instance of a service whose instances aren't divided, for what each has to do with what it holds.
  /// - Parameter passes: faults of single instances that are no failure of the whole, as long as one succeeds.
  /// - Returns: what each of those that succeeded answered.
  /// - Throws: the first fault that doesn't pass; where all pass, the first of them.
  package func everywhere<Value: Sendable>(
    at service: ServiceProfile,
    passing passes: (Fault) -> Bool,
    _ call: (RoutedClient) async throws -> Value
  ) async throws -> [Value] {
    var answers: [Value] = []
    var passed: Fault?
    for instance in 0..<count(of: service) {
      do {
        answers.append(
          try await call(RoutedClient(client: self[service, instance: instance], instance: instance, of: service))
        )
      } catch let fault as Fault where passes(fault) {
        passed = passed ?? fault
      }
    }
    if answers.isEmpty, let passed { throw passed }
    return answers
  }
}

extension JSONValue {
  /// The first programme that a request names, however deep: what it is about, where it is about one.
  package var namedProgramme: ID<Programme>? {
    switch self {
    case .object(let fields):
      if let text = fields["programme"]?.string { return ID(text) }
      for field in fields.values { if let found = field.namedProgramme { return found } }
      return nil
    case .array(let elements):
      for element in elements { if let found = element.namedProgramme { return found } }
      return nil
    default: return nil
    }
  }
}
