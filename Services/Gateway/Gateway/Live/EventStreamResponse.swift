import Contracts
import HTTPTypes
import Hummingbird

/// A response that goes on for as long as the client listens.
enum EventStreamResponse {
  static func response(_ hub: EventHub, _ request: StreamRequest) throws(Fault) -> Response {
    let (number, events) = try hub.listen(to: LiveFilter(programme: request.programme, types: request.types))
    return Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        defer { hub.stop(number) }
        try await writer.write(ByteBuffer(string: "retry: 2000\n: listening\n\n"))
        for await event in events { try await writer.write(ByteBuffer(string: event.text)) }
        // Only the hub ends a stream: because this listener was too slow, or because the service stops.
        try await writer.write(ByteBuffer(string: "event: dropped\ndata: {\"reason\":\"tooSlowOrStopping\"}\n\n"))
        try await writer.finish(nil)
      }
    )
  }
}
