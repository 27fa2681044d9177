import Foundation
import TestSupport
import Testing

/// Shells can complete the command line.
@Suite struct CompletionTests {
  private func script(_ shell: String) async throws -> CommandResult {
    try await Command.run(
      Binaries.folder.appending(component: "groundswell"),
      ["--generate-completion-script", shell]
    )
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func scriptsNameCommandsAndFlags(_ shell: String) async throws {
    let script = try await script(shell)
    #expect(script.status == 0, "\(script.errors)")
    for word in ["opportunities", "graveyard", "caught-up", "counter-metric"] {
      #expect(script.text.contains(word), "the script for \(shell) lacks \(word)")
    }
    #expect(!script.text.contains("supervise"), "what people don't call isn't offered")
  }

  @Test func bashCompletesCommandsSubcommandsAndFlags() async throws {
    let script = try await script("bash").output
    for (words, expected) in [
      (["groundswell", "oppo"], "opportunities"), (["groundswell", "cases", "rec"], "receipt"),
      (["groundswell", "goals", "set", "--fr"], "--from"),
    ] {
      let ask = """

        COMP_WORDS=(\(words.joined(separator: " "))); COMP_CWORD=\(words.count - 1)
        COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
        "$(complete -p groundswell | sed 's/.*-F \\([^ ]*\\).*/\\1/')" groundswell "${COMP_WORDS[COMP_CWORD]}"
        echo "${COMPREPLY[@]}"
        """
      let answer = try await Command.run(
        URL(filePath: "/usr/bin/env"),
        ["bash", "--norc"],
        input: script + Data(ask.utf8)
      )
      #expect(answer.text.split(whereSeparator: \.isWhitespace).contains(Substring(expected)), "\(words): \(answer)")
    }
  }
}
