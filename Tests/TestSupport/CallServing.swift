import Contracts
package import Messaging

/// Runs `use` with a client of a server that answers with `handlers`, over ZeroMQ on a socket thread that both share.
/// - Parameter use: also gets the id of the socket thread, as `RunningThread` has it.
/// - Throws: what `use` throws, and `ConditionNotMet` where a socket was left open.
package func withCallServer(
  _ handlers: CallHandlers,
  _ use: (_ client: CallClient, _ thread: String) async throws -> Void
) async throws {
  let thread = try SocketThread()
  let id = await withTaskExecutorPreference(thread.executor) { RunningThread.id() }
  let transport = ZeroMQServerTransport(at: [try Endpoint("tcp://127.0.0.1:*")], on: thread)
  let server = CallServer(over: transport, handlers)
  let serving = Task { try await server.run() }
  let client = try CallClient(
    over: ZeroMQClientTransport(to: try await transport.boundEndpoints[0], on: thread),
    as: Principal(role: .program, name: "probe")
  )
  let running = Task { try await client.run() }
  try await use(client, id)
  client.beginShutdown()
  server.beginShutdown()
  try await running.value
  try await serving.value
  guard await thread.stop() else { throw ConditionNotMet(description: "a socket is left open") }
}
