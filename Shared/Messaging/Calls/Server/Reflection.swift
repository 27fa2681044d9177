import Contracts
import GRPCCore

extension CallHandlers {
  /// Answers what is registered so far, and itself.
  mutating func addReflection() {
    let known = handlers.map { ($0.name, $0.kind, $0.input, $0.output) }
    let own = ReflectionAPI.services
    let all = known + [(own.name, MethodKind.query, ReflectionRequest.self, ReflectionReport.self)]
    query(own, beginning: .pool) { _, _ in
      let reports = try all.map { name, kind, input, output in
        MethodReport(
          name: name.description,
          kind: kind,
          input: try JSONSchema.describing(input),
          output: try JSONSchema.describing(output)
        )
      }
      return ReflectionReport(methods: reports.sorted { $0.name < $1.name })
    }
  }
}
