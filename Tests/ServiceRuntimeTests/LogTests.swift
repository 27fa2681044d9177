import Contracts
import Foundation
import Logging
import ServiceContextModule
import ServiceRuntime
import Synchronization
import Testing

@Suite struct LogTests {
  private final class Lines: Sendable {
    let text = Mutex("")
  }

  private func line(_ format: LogFormat, _ log: (Logger) -> Void) -> String {
    let lines = Lines()
    let logger = Logger(label: "ranking") { label in
      LineLogHandler(
        label: label,
        level: .info,
        format: format,
        now: { Timestamp(milliseconds: 1_782_985_445_123) },
        write: { line in lines.text.withLock { $0 += line } }
      )
    }
    log(logger)
    return lines.text.withLock { $0 }
  }

  @Test func linesForPeople() {
    let text = line(.human) {
      $0.info("events applied", metadata: ["stream": "ingestion", "count": "12", "note": "two words"])
    }
    #expect(
      text == "2026-07-02T09:44:05.123Z INFO     ranking: events applied count=12 note=\"two words\" stream=ingestion\n"
    )
  }

  @Test func linesForCollectorsAreJSON() throws {
    let text = line(.json) {
      $0.error(
        "it \"broke\"\n",
        metadata: ["count": .stringConvertible(12), "list": ["a", "b"], "level": "mine"]
      )
    }
    #expect(text.hasSuffix("}\n") && text.filter { $0 == "\n" }.count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["level"] as? String == "error")
    #expect(object["message"] as? String == "it \"broke\"\n")
    #expect(object["count"] as? Int == 12)
    #expect(object["list"] as? [String] == ["a", "b"])
    #expect(object["metadata.level"] as? String == "mine")
    #expect(object["time"] as? String == "2026-07-02T09:44:05.123Z")
  }

  @Test(arguments: LogFormat.allCases)
  func secretsAreHidden(_ format: LogFormat) {
    let text = line(format) {
      $0.info("called", metadata: ["Authorization": "Bearer abc", "headers": ["set-cookie": "abc", "host": "h"]])
    }
    #expect(!text.contains("abc"))
    #expect(text.contains("h"))
  }

  @Test func aCallerCannotForgeLines() {
    let text = line(.human) { $0.info("name: \u{1B}[31mx\nERROR forged", metadata: ["a": "b\r\nc"]) }
    #expect(text.filter { $0 == "\n" }.count == 1)
    #expect(!text.contains("\u{1B}"))
  }

  @Test func theTraceIsAdded() {
    var context = ServiceContext.topLevel
    context.trace = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    let text = ServiceContext.withValue(context) { line(.human) { $0.info("x") } }
    #expect(text.contains("trace=0af7651916cd43dd8448eb211c80319c"))
  }

  @Test func lesserLevelsAreLeftOut() {
    let text = line(.human) { $0.debug("x") }
    #expect(text.isEmpty)
  }
}
