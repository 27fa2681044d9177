import Foundation

/// A column of a table: what stands above it, and what it shows of a row.
struct Column<Row> {
  enum Alignment { case leading, trailing }

  let title: String
  let alignment: Alignment
  let cell: (Row) -> String

  /// A column of words.
  static func text(_ title: String, _ cell: @escaping (Row) -> String) -> Column {
    Column(title: title, alignment: .leading, cell: cell)
  }

  /// A column of figures, so that units stand above units.
  static func figure(_ title: String, _ cell: @escaping (Row) -> String) -> Column {
    Column(title: title, alignment: .trailing, cell: cell)
  }
}

/// Rows under headings, each column as wide as it needs to be, the last one as wide as is left.
struct Table<Row> {
  let columns: [Column<Row>]
  let rows: [Row]

  init(_ rows: [Row], _ columns: [Column<Row>]) {
    self.rows = rows
    self.columns = columns
  }

  /// - Parameter width: columns of the terminal; a longer last cell is cut off with `…`.
  func text(width: Int = Terminal.width) -> String {
    let titles = columns.map(\.title)
    let lines = [titles] + rows.map { row in columns.map { $0.cell(row).replacing(/\s+/, with: " ") } }
    let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      let line = columns.indices.map { index in
        let padding = String(repeating: " ", count: widths[index] - cells[index].count)
        return columns[index].alignment == .leading ? cells[index] + padding : padding + cells[index]
      }.joined(separator: "  ")
      return cut(line.replacing(/\s+$/, with: ""), to: width)
    }.joined(separator: "\n")
  }

  private func cut(_ line: String, to width: Int) -> String {
    line.count > width ? line.prefix(width - 1) + "…" : line
  }
}

/// The terminal that the output goes to.
enum Terminal {
  /// Columns: what the terminal says, what COLUMNS says, or unlimited where the output goes to a file.
  static var width: Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.map { max($0, 40) } ?? .max
  }
}
