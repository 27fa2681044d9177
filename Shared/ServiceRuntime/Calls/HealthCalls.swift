import Contracts

extension CallTable {
  /// Health, like any other call.
  mutating func addHealth(_ state: ServiceState) {
    let services = Set(entries.keys.map(\.service))
    query(HealthAPI.check) { request, _ in
      if let service = request.service, !service.isEmpty, !services.contains(service) {
        throw Fault(.notFound, reason: "unknownService", "There is no service '\(service)' here.", field: "service")
      }
      return HealthReport(status: state.health)
    }
    feed(HealthAPI.watch) { request, _, writer in
      let isKnown = request.service.map { $0.isEmpty || services.contains($0) } ?? true
      for await status in state.changes() {
        try await writer.write(HealthReport(status: isKnown ? status : .serviceUnknown))
        // Whoever watches must not keep the server from stopping.
        if state.phase == .stopping { return }
      }
    }
  }

  /// What is answered here, itself included, with the schemas of all messages.
  mutating func addReflection() {
    query(ReflectionAPI.services) { _, _ in ReflectionReport(methods: []) }
    let methods = entries.values.sorted { $0.name.description < $1.name.description }
    entries[ReflectionAPI.services.name] = CallEntry(ReflectionAPI.services) { body, context in
      let report = try ReflectionReport(methods: methods.map { try $0.report() })
      return CallReply(body: try MessageCoding.encode(report))
    }
  }
}

extension CallEntry {
  fileprivate func report() throws -> MethodReport {
    MethodReport(
      name: name.description,
      kind: kind,
      input: try JSONSchema.describing(input),
      output: try JSONSchema.describing(output)
    )
  }
}
