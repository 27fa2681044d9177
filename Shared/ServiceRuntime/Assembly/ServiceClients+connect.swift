package import Contracts
import Messaging

/// Runs `body` with clients of all services, for a program that is no service itself, such as the command line.
///
/// A service that isn't there is no obstacle until it is called.
/// - Throws: `ConfigurationError` or `ZeroMQError` for addresses that can't be used; what `body` throws.
package func withServiceClients<Value: Sendable>(
  at addresses: PeerAddresses,
  as principal: Principal,
  _ body: (ServiceClients) async throws -> Value
) async throws -> Value {
  let thread = try SocketThread()
  do {
    let value = try await withThrowingTaskGroup(of: Void.self) { group in
      let clients = try connect(to: addresses, as: principal, on: thread)
      for (_, client) in clients.named { group.addTask { try await client.run() } }
      let value = try await body(clients)
      for (_, client) in clients.named { client.beginShutdown() }
      try await group.waitForAll()
      return value
    }
    _ = await thread.stop()
    return value
  } catch {
    _ = await thread.stop()
    throw error
  }
}

private func connect(
  to addresses: PeerAddresses,
  as principal: Principal,
  on thread: SocketThread
) throws -> ServiceClients {
  var clients: [String: [CallClient]] = [:]
  for service in ServiceProfile.all {
    clients[service.name] = try addresses.instances(of: service).map { address in
      try CallClient(over: ZeroMQClientTransport(to: Endpoint(address.answer), on: thread), as: principal)
    }
  }
  return ServiceClients(clients)
}
