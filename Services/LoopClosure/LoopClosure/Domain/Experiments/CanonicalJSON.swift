package import Contracts
import Foundation

/// JSON with exactly one spelling for a value (RFC 8785, the JSON Canonicalization Scheme), so that its hash can be
/// reckoned again by anyone, in any language.
package enum CanonicalJSON {
  /// - Throws: `EncodingError` where the value holds a number that JSON can't express.
  package static func bytes(of value: some Encodable) throws -> [UInt8] {
    let tree = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    return Array(text(tree).utf8)
  }

  package static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .integer(let integer): String(integer)
    case .number(let number): numberText(number)
    case .string(let string): quoted(string)
    case .array(let items): "[" + items.map(text).joined(separator: ",") + "]"
    case .object(let members):
      // Names in the order of their UTF-16 code units, as the standard has it.
      "{"
        + members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        .map { "\(quoted($0.key)):\(text($0.value))" }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var out = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\u{8}": out += "\\b"
      case "\t": out += "\\t"
      case "\n": out += "\\n"
      case "\u{C}": out += "\\f"
      case "\r": out += "\\r"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// A number as ECMAScript writes it (ECMA-262, Number::toString): Swift finds the same shortest digits and only
  /// places the point and the exponent differently.
  static func numberText(_ number: Double) -> String {
    if number == 0 { return "0" }
    let sign = number < 0 ? "-" : ""
    let (digits, pointAfter) = shortestDigits(abs(number))
    let count = digits.count
    switch pointAfter {
    case count...21:
      return sign + digits + String(repeating: "0", count: pointAfter - count)
    case 1..<max(count, 2) where pointAfter < count:
      return sign + digits.prefix(pointAfter) + "." + digits.dropFirst(pointAfter)
    case -5...0:
      return sign + "0." + String(repeating: "0", count: -pointAfter) + digits
    default:
      let exponent = pointAfter - 1
      let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst(1)
      return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(abs(exponent))
    }
  }

  /// The shortest digits that read back as the number, and how many of them stand before the point.
  private static func shortestDigits(_ number: Double) -> (digits: String, pointAfter: Int) {
    let parts = "\(number)".split(separator: "e")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : ""
    let all = String(mantissa[0]) + fraction
    let leading = all.prefix { $0 == "0" }.count
    var digits = String(all.dropFirst(leading))
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return (digits, mantissa[0].count + exponent - leading)
  }
}
