import Contracts
import HTTPTypes
import Hummingbird

/// In which of the content modes a request carries its events (CloudEvents 1.0.2, http-protocol-binding.md, 3).
enum ContentForm {
  case structured
  case batch
  case binary(headers: [(name: String, value: String)], contentType: String?)

  static let structuredType = "application/cloudevents+json"
  static let batchType = "application/cloudevents-batch+json"

  /// - Throws: `IntakeProblem.Cause.unsupportedType`.
  init(of request: Request) throws(IntakeProblem.Cause) {
    let contentType = request.headers[.contentType]
    let type = contentType.flatMap(MediaType.init)
    switch type?.essence {
    case ContentForm.structuredType: self = .structured
    case ContentForm.batchType: self = .batch
    case let essence? where essence.hasPrefix("application/cloudevents"): throw ContentForm.unsupported(essence)
    default:
      let headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
      guard headers.contains(where: { $0.name.hasPrefix("ce-") }) else {
        throw ContentForm.unsupported(contentType ?? "nothing")
      }
      self = .binary(headers: headers, contentType: contentType)
    }
    if let type, !type.isUTF8 { throw ContentForm.unsupported(contentType ?? type.essence) }
  }

  private static func unsupported(_ given: String) -> IntakeProblem.Cause {
    .unsupportedType(
      "The content type is \(given.prefix(100)). Send one event as \(structuredType), several as \(batchType), or one "
        + "with its attributes in ce- headers and JSON in the body; all of it in UTF-8."
    )
  }

  /// - Throws: `Fault` where the body is not what its type says, or `RefusedBatch`.
  func events(in body: [UInt8], atMost limit: Int) throws -> [ArrivedEvent] {
    switch self {
    case .structured:
      return [.json(try JSONReader.value(of: body), bytes: body)]
    case .binary(let headers, let contentType):
      return [.event(try CloudEvent(headers: headers, contentType: contentType, body: body))]
    case .batch:
      let elements = try JSONReader.elements(of: body)
      guard elements.count <= limit else {
        throw IntakeProblem.Cause.tooLarge("A batch has at most \(limit) events here; this one has \(elements.count).")
      }
      try CloudEvent.requireOneSpecVersion(elements.map(\.value))
      return elements.map { .json($0.value, bytes: Array(body[$0.bytes])) }
    }
  }
}
