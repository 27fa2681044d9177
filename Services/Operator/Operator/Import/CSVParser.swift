/// Reads CSV (RFC 4180) a chunk of bytes at a time, and never guesses: a row that breaks the rules comes out as a
/// problem with its line number, and reading goes on at the next line.
///
/// Beyond the RFC it takes LF and lone CR as line ends, another delimiter, and a byte-order mark. Rows keep every
/// byte: leading spaces, empty fields at the end, line breaks and doubled quotes inside quotes.
struct CSVParser {
  /// One row as it stood in the file.
  struct Row: Equatable {
    /// The line that it starts on, from 1.
    var line: Int
    var fields: [String]
    /// Why it can't be used; `fields` then holds what was read before.
    var problem: Problem?
    /// The row's own bytes, cut off at `Limits.rawBytes`.
    var raw: [UInt8]
  }

  enum Problem: Equatable {
    /// The file ended inside a quoted field that was opened on `line`.
    case unclosedQuote(line: Int)
    /// Something other than a delimiter or a line end follows a closing quote.
    case textAfterQuote(column: Int)
    /// A quote stands inside a field that isn't quoted.
    case quoteInsideField(column: Int)
    case invalidUTF8(column: Int)
    case fieldTooLong(column: Int)
    case tooManyFields
  }

  /// What one row may cost in memory, whatever the file holds.
  enum Limits {
    static let fieldBytes = 1 << 20
    static let fields = 4096
    static let rawBytes = 64 << 10
  }

  private enum State {
    case fieldStart, unquoted, quoted, quoteInQuoted
    /// After a problem: everything up to the line end belongs to the broken row.
    case skipping
  }

  let delimiter: UInt8
  private var state = State.fieldStart
  private var field: [UInt8] = []
  private var fields: [String] = []
  private var raw: [UInt8] = []
  private var problem: Problem?
  private var line = 1
  private var rowLine = 1
  private var quoteLine = 1
  private var lastWasCarriageReturn = false
  private var bytesSeen = 0
  private var mark: [UInt8] = []

  init(delimiter: UInt8 = UInt8(ascii: ",")) {
    self.delimiter = delimiter
  }

  /// Reads on; whole rows go to `emit` in order.
  mutating func consume(_ chunk: some Sequence<UInt8>, emit: (Row) throws -> Void) rethrows {
    for byte in chunk {
      if bytesSeen < 3, skipsByteOrderMark(byte) { continue }
      try take(byte, emit: emit)
    }
  }

  /// The file is at its end: a last row without a line end comes out, and an open quote is a problem.
  mutating func finish(emit: (Row) throws -> Void) rethrows {
    for byte in mark { try take(byte, emit: emit) }
    mark = []
    if state == .quoted { problem = .unclosedQuote(line: quoteLine) }
    if !raw.isEmpty { try endRow(emit: emit) }
  }

  private mutating func take(_ byte: UInt8, emit: (Row) throws -> Void) rethrows {
    let carriageReturn = UInt8(ascii: "\r")
    let lineFeed = UInt8(ascii: "\n")
    let isSecondOfPair = byte == lineFeed && lastWasCarriageReturn
    lastWasCarriageReturn = byte == carriageReturn
    if byte == lineFeed || byte == carriageReturn, !isSecondOfPair { line += 1 }
    if byte == lineFeed || byte == carriageReturn, state != .quoted {
      if isSecondOfPair { return rowLine = line }
      return try endRow(emit: emit)
    }
    if raw.count < Limits.rawBytes { raw.append(byte) }
    step(byte)
  }

  private mutating func step(_ byte: UInt8) {
    let quote = UInt8(ascii: "\"")
    switch state {
    case .fieldStart where byte == quote:
      state = .quoted
      quoteLine = line
    case .fieldStart where byte == delimiter, .unquoted where byte == delimiter, .quoteInQuoted where byte == delimiter:
      endField()
    case .fieldStart:
      state = .unquoted
      append(byte)
    case .unquoted where byte == quote:
      fail(.quoteInsideField(column: fields.count + 1))
    case .unquoted:
      append(byte)
    case .quoted where byte == quote:
      state = .quoteInQuoted
    case .quoted:
      append(byte)
    case .quoteInQuoted where byte == quote:
      state = .quoted
      append(byte)
    case .quoteInQuoted:
      fail(.textAfterQuote(column: fields.count + 1))
    case .skipping:
      break
    }
  }

  private mutating func append(_ byte: UInt8) {
    if field.count < Limits.fieldBytes {
      field.append(byte)
    } else {
      fail(.fieldTooLong(column: fields.count + 1))
    }
  }

  private mutating func fail(_ problem: Problem) {
    self.problem = problem
    state = .skipping
    field.removeAll(keepingCapacity: true)
  }

  private mutating func endField() {
    state = .fieldStart
    guard fields.count < Limits.fields else { return fail(.tooManyFields) }
    if let text = String(validating: field, as: UTF8.self) {
      fields.append(text)
    } else if problem == nil {
      problem = .invalidUTF8(column: fields.count + 1)
      fields.append(String(decoding: field, as: UTF8.self))
    }
    field.removeAll(keepingCapacity: true)
  }

  private mutating func endRow(emit: (Row) throws -> Void) rethrows {
    let isBlank = raw.isEmpty
    if state != .skipping { endField() }
    let row = Row(line: rowLine, fields: fields, problem: problem, raw: raw)
    fields.removeAll(keepingCapacity: true)
    field.removeAll(keepingCapacity: true)
    raw.removeAll(keepingCapacity: true)
    problem = nil
    state = .fieldStart
    rowLine = line
    if !isBlank { try emit(row) }
  }

  /// Swallows EF BB BF at the very start; anything else that only began like it is read after all.
  private mutating func skipsByteOrderMark(_ byte: UInt8) -> Bool {
    let expected: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard bytesSeen == mark.count, byte == expected[bytesSeen] else {
      bytesSeen = 3
      let held = mark
      mark = []
      for early in held { step(early) }
      raw = held
      return false
    }
    mark.append(byte)
    bytesSeen += 1
    if bytesSeen == 3 { mark = [] }
    return true
  }
}

extension CSVParser.Problem: CustomStringConvertible {
  var description: String {
    switch self {
    case .unclosedQuote(let line): "the quote opened on line \(line) is never closed"
    case .textAfterQuote(let column): "column \(column) has text after its closing quote"
    case .quoteInsideField(let column):
      "column \(column) has a quote inside an unquoted field; quote the field and double the quote"
    case .invalidUTF8(let column): "column \(column) isn't valid UTF-8; convert the file, e.g. with iconv"
    case .fieldTooLong(let column): "column \(column) is longer than 1 MiB; is a quote never closed?"
    case .tooManyFields: "more than \(CSVParser.Limits.fields) columns; is the delimiter right?"
    }
  }
}
