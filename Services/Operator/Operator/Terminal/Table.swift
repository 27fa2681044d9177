import Contracts
import Foundation

/// Rows under headings, each column as wide as it needs to be, the last one as wide as is left.
struct Table {
  enum Alignment { case leading, trailing }

  let headings: [(title: String, alignment: Alignment)]
  private(set) var rows: [[String]] = []

  init(_ headings: (String, Alignment)...) {
    self.headings = headings.map { (title: $0.0, alignment: $0.1) }
  }

  mutating func add(_ cells: String...) {
    rows.append(cells.map { $0.replacing(/\s+/, with: " ") })
  }

  /// - Parameter width: columns of the terminal; a longer last cell is cut off with `…`.
  func text(width: Int = Table.terminalWidth) -> String {
    let titles = headings.map(\.title)
    let widths = titles.indices.map { column in
      ([titles] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([titles] + rows).map { cells in
      let line = zip(cells, zip(widths, headings)).map { cell, shape in
        let padding = String(repeating: " ", count: shape.0 - cell.count)
        return shape.1.alignment == .leading ? cell + padding : padding + cell
      }.joined(separator: "  ")
      return cut(line.replacing(/\s+$/, with: ""), to: width)
    }.joined(separator: "\n")
  }

  private func cut(_ line: String, to width: Int) -> String {
    line.count > width ? line.prefix(width - 1) + "…" : line
  }

  /// What the terminal says, what COLUMNS says, or unlimited where the output goes to a file.
  static var terminalWidth: Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.map { max($0, 40) } ?? .max
  }
}

/// Figures as people read them.
enum Figure {
  static func decimal(_ value: Double, places: Int = 2) -> String {
    value.formatted(
      .number.precision(.fractionLength(places)).grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
    )
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  static func date(_ timestamp: Timestamp?) -> String {
    timestamp.map { String($0.description.prefix(16)).replacing("T", with: " ") } ?? ""
  }
}
