import CLibFuzzer
import Foundation

/// Feeds one decoder whatever libFuzzer comes up with, until something is found or time is up.
///
/// `groundswell-fuzz list`, `groundswell-fuzz seeds DECODER DIRECTORY`, `groundswell-fuzz DECODER [libFuzzer's own]`.
@main
enum GroundswellFuzz {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "list": for decoder in FuzzedDecoder.all { print(decoder.name) }
    case "seeds" where arguments.count == 3: try writeSeeds(of: chosen(arguments[2]), to: arguments[3])
    case let name?: fuzz(chosen(name))
    default: fail("usage: groundswell-fuzz list | seeds DECODER DIRECTORY | DECODER [OPTION...] [CORPUS...]")
    }
  }

  private static func chosen(_ name: String) -> FuzzedDecoder {
    guard let decoder = FuzzedDecoder.all.first(where: { $0.name == name }) else {
      fail("there is no decoder '\(name)'; there are \(FuzzedDecoder.all.map(\.name).joined(separator: ", "))")
    }
    return decoder
  }

  private static func writeSeeds(of decoder: FuzzedDecoder, to directory: String) throws {
    let folder = URL(filePath: directory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes) in try decoder.allSeeds() { try Data(bytes).write(to: folder.appending(component: name)) }
  }

  /// The decoder that the callback below feeds: a function for C can't capture one.
  private static let fuzzed = chosen(CommandLine.arguments[1])

  private static func fuzz(_ decoder: FuzzedDecoder) -> Never {
    // libFuzzer reads its options off the arguments, and takes what isn't one for a corpus.
    var arguments = CommandLine.arguments
    arguments.remove(at: 1)
    var pointers = arguments.map { strdup($0) } + [nil]
    var count = Int32(arguments.count)
    let status = pointers.withUnsafeMutableBufferPointer { buffer in
      var base = buffer.baseAddress
      return LLVMFuzzerRunDriver(&count, &base) { data, count in
        let bytes = [UInt8](UnsafeBufferPointer(start: data, count: count))
        do {
          _ = try GroundswellFuzz.fuzzed.check(bytes)
        } catch {
          fatalError("\(GroundswellFuzz.fuzzed.name): \(error)")
        }
        return 0
      }
    }
    exit(status)
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("groundswell-fuzz: \(message)\n".utf8))
    exit(64)
  }
}
