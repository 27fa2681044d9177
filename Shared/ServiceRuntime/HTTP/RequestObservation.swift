import Contracts
package import CoreMetrics
import HTTPTypes
package import Hummingbird
import Messaging
import Tracing

/// Surrounds each HTTP request with a trace, a span and its duration as a metric, by route and status.
package struct RequestObservation<Context: RequestContext>: RouterMiddleware {
  private let metrics: any MetricsFactory

  package init(metrics: any MetricsFactory) {
    self.metrics = metrics
  }

  @concurrent package func handle(
    _ request: Request,
    context: Context,
    next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var instrumentation = ServiceContext.current ?? .topLevel
    let given = HeaderExtractor().extract(key: "traceparent", from: request.headers).flatMap(TraceContext.init)
    instrumentation.trace = given?.child() ?? .root()
    InstrumentationSystem.instrument.extract(request.headers, into: &instrumentation, using: HeaderExtractor())
    let response = try await withSpan(request.method.rawValue, context: instrumentation, ofKind: .server) { span in
      let response = try await next(request, context)
      span.attributes["http.response.status_code"] = response.status.code
      return response
    }
    let labels = [
      ("route", context.endpointPath ?? "unknown"), ("method", request.method.rawValue),
      ("status", String(response.status.code)),
    ]
    Timer(label: "groundswell_http_duration", dimensions: labels, factory: metrics)
      .recordNanoseconds((ContinuousClock.now - start).wholeNanoseconds)
    return response
  }
}

private struct HeaderExtractor: Extractor {
  func extract(key: String, from headers: HTTPFields) -> String? {
    HTTPField.Name(key).flatMap { headers[$0] }
  }
}
