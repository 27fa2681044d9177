import Contracts
import Foundation
import HTTPTypes
package import Hummingbird

/// The console's files, read once at the start and served from memory.
package struct ConsoleFiles: Sendable {
  private struct File {
    let bytes: ByteBuffer
    let type: String
    let tag: String
  }

  private let files: [String: File]

  /// - Throws: where the console's files are missing or can't be read.
  package init() throws {
    let root = try Self.root()
    var files: [String: File] = [:]
    for name in try Self.names() {
      guard let type = Self.types[(name as NSString).pathExtension] else { continue }
      let data = try Data(contentsOf: root.appending(path: name))
      let hash = data.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
      files[name] = File(bytes: ByteBuffer(bytes: data), type: type, tag: "\"\(String(hash, radix: 16))\"")
    }
    self.files = files
  }

  /// The files' paths below the console's folder.
  static func names() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root().path).filter { $0.contains(".") }.sorted()
  }

  static func text(of name: String) throws -> String {
    try String(contentsOf: root().appending(path: name), encoding: .utf8)
  }

  private static func root() throws -> URL {
    guard let root = Bundle.module.url(forResource: "Console", withExtension: nil) else {
      throw Fault(.internal, reason: "consoleMissing", "The console's files are not beside the executable.")
    }
    return root
  }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
  ]

  package func mount(on router: Router<BasicRequestContext>) {
    router.get("/") { request, _ in try response("index.html", request) }
    router.get("console/**") { request, context in
      try response(context.parameters.getCatchAll().joined(separator: "/"), request)
    }
  }

  private func response(_ name: String, _ request: Request) throws -> Response {
    guard let file = files[name] else {
      throw Fault(.notFound, reason: "unknownPage", "The console has no page '\(name)'.")
    }
    var headers: HTTPFields = [
      .contentType: file.type, .eTag: file.tag, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
    ]
    headers[.referrerPolicy] = "no-referrer"
    headers[.contentSecurityPolicy] =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
      + "form-action 'none'; frame-ancestors 'none'"
    if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
  }
}
