import Foundation
import Testing

@testable import Gateway

@Suite struct ConsoleTests {
  private func files() throws -> [(name: String, text: String)] {
    try ConsoleFiles.names().map { name in (name, try ConsoleFiles.text(of: name)) }
  }

  @Test func nothingIsLoadedFromElsewhereAndNothingIsInline() throws {
    let all = try files()
    #expect(all.contains { $0.name == "index.html" } && all.contains { $0.name == "pages/teams.js" })
    for (name, text) in all {
      let addresses = text.matches(of: /(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/).map { String($0.output) }
      #expect(addresses.allSatisfy { $0.hasSuffix("www.w3.org") }, "\(name): \(addresses)")
      #expect(!text.contains("innerHTML") && !text.contains("outerHTML") && !text.contains("document.write"))
      #expect(!text.contains("style=") && !text.contains("onclick=\"") && !text.contains("<style"), "\(name)")
    }
  }

  @Test func imageSourcesAndScriptsExist() throws {
    let all = try files()
    let names = Set(all.map(\.name))
    for (name, text) in all where name.hasSuffix(".js") {
      let folder = name.contains("/") ? "pages/" : ""
      for match in text.matches(of: /from '(\.[^']+)'/) {
        let path = String(match.output.1)
        let target = path.hasPrefix("../") ? String(path.dropFirst(3)) : folder + path.dropFirst(2)
        #expect(names.contains(target), "\(name) imports \(path)")
      }
    }
  }

  @Test func thePageIsGuarded() async throws {
    try await GatewayBench.run { bench in
      let page = try await bench.send("GET", "/")
      let policy = try #require(page.headers["content-security-policy"])
      #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"))
      #expect(page.headers["x-content-type-options"] == "nosniff")
      let tag = try #require(page.headers["etag"])
      #expect(try await bench.send("GET", "/", nil, ["If-None-Match": tag]).status == 304)
      #expect(
        try await bench.send("GET", "/console/pages/today.js").headers["content-type"]?.hasPrefix("text/javascript")
          == true
      )
    }
  }

  /// Every pair of text and ground in the style sheet, in the light and in the dark.
  @Test func contrastIsEnough() throws {
    let sheet = try ConsoleFiles.text(of: "console.css")
    let themes = sheet.components(separatedBy: ":root{").dropFirst().map { String($0.prefix { $0 != "}" }) }
    #expect(themes.count == 2)
    for theme in themes {
      let colours = Dictionary(
        theme.matches(of: /--([a-z0-9-]+):(#[0-9a-f]{3,6})/).map { (String($0.output.1), String($0.output.2)) }
      ) { first, _ in first }
      for (text, ground) in [
        ("ink", "paper"), ("ink", "card"), ("ink-2", "paper"), ("ink-2", "card"), ("ink-2", "stone-2"),
        ("ink-3", "paper"),
        ("ink-3", "card"), ("sea", "paper"), ("sea", "card"), ("sea", "sea-2"), ("amber", "amber-2"),
        ("rose", "rose-2"),
        ("paper", "sea"), ("ink", "sea-2"), ("ink", "amber-2"), ("rose", "card"),
      ] {
        let ratio = try contrast(try #require(colours[text]), try #require(colours[ground]))
        #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
      }
    }
  }

  /// Relative luminance and contrast as WCAG 2.2 defines them.
  private func contrast(_ one: String, _ other: String) throws -> Double {
    let (first, second) = (try luminance(one), try luminance(other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  private func luminance(_ colour: String) throws -> Double {
    let digits = colour.dropFirst()
    let full = digits.count == 3 ? digits.map { "\($0)\($0)" }.joined() : String(digits)
    let value = try #require(Int(full, radix: 16))
    let channels = [value >> 16 & 255, value >> 8 & 255, value & 255].map { channel -> Double in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }
}
