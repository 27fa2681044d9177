import Contracts
import GRPCCore

/// Puts a call table on a gRPC server.
struct CallService: RegistrableRPCService {
  let table: CallTable
  let host: CallHost

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for entry in table.entries.values {
      switch entry.run {
      case .one(let answer): register(entry, answer, with: &router)
      case .many(let converse): register(entry, converse, with: &router)
      }
    }
  }

  private func register<Transport: ServerTransport>(
    _ entry: CallEntry,
    _ answer: @escaping @Sendable ([UInt8], CallContext) async throws -> CallReply,
    with router: inout RPCRouter<Transport>
  ) {
    router.registerHandler(
      forMethod: entry.descriptor,
      deserializer: BodyCoder(),
      serializer: BodyCoder()
    ) { request, context in
      do throws(RPCError) {
        let reply = try await host.handle(entry, request.metadata, from: context.remotePeer) { call in
          var bodies = request.messages.makeAsyncIterator()
          guard let body = try await bodies.next() else {
            throw Fault(.invalidArgument, reason: "missingRequest", "\(entry.name) takes one request; none came.")
          }
          return try await answer(body, call)
        }
        var trailing = Metadata()
        for position in reply.positions {
          trailing.addString(position.description, forKey: MetadataKey.position)
        }
        return StreamingServerResponse(single: ServerResponse(message: reply.body, trailingMetadata: trailing))
      } catch {
        return StreamingServerResponse(error: error)
      }
    }
  }

  private func register<Transport: ServerTransport>(
    _ entry: CallEntry,
    _ converse: @escaping @Sendable (RequestBodies, CallContext, RPCWriter<[UInt8]>) async throws -> Void,
    with router: inout RPCRouter<Transport>
  ) {
    router.registerHandler(
      forMethod: entry.descriptor,
      deserializer: BodyCoder(),
      serializer: BodyCoder()
    ) { request, context in
      StreamingServerResponse { writer in
        try await host.handle(entry, request.metadata, from: context.remotePeer) { call in
          try await converse(request.messages, call, writer)
        }
        return [:]
      }
    }
  }
}

extension CallEntry {
  var descriptor: MethodDescriptor {
    let type: MethodDescriptor.RPCType =
      switch kind {
      case .query, .command: .unary
      case .feed: .serverStreaming
      case .exchange: .bidirectionalStreaming
      }
    return MethodDescriptor(fullyQualifiedService: name.service, method: name.method, type: type)
  }
}

/// Bodies travel as they are.
struct BodyCoder: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
    Bytes(message)
  }

  func deserialize<Bytes: GRPCContiguousBytes>(_ serialized: Bytes) throws -> [UInt8] {
    serialized.withUnsafeBytes { Array($0) }
  }
}
