import Contracts
import Foundation
import GRDB
import TestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// All tests of this target, one after the other: each has a cluster of its own, and two at a time would only fight
/// for the machine.
@Suite(.serialized) enum ChaosTests {}

/// A cluster to which feedback flows all the time, whatever happens to it.
struct ChaosRun {
  let cluster: Cluster
  let network: FaultyNetwork
  let source: FeedbackSource

  /// Starts a cluster and the flow of feedback, disrupts it, and checks once things are sound again: all services end
  /// well, no store contradicts another, and exactly what was acknowledged is recorded, once.
  /// - Parameters:
  ///   - data: the stores' directory, where it isn't the cluster's own.
  ///   - extra: ids that `disrupt` publishes itself, from the same source.
  ///   - disrupt: what goes wrong, and how it is mended.
  static func with(
    over transport: Cluster.Transport = .ipc,
    data: URL? = nil,
    extra: [String] = [],
    _ disrupt: (ChaosRun) async throws -> Void
  ) async throws {
    try await Cluster.with(over: transport, settings: data.map { ["data": $0.path] } ?? [:]) { cluster in
      let network = try FaultyNetwork(of: cluster)
      defer { network.close() }
      let run = ChaosRun(cluster: cluster, network: network, source: try FeedbackSource(intakePort: cluster.intakePort))
      #expect(try await cluster.run("programmes", "set", "northwind").status == 0)
      try await cluster.waitUntilCaughtUp()
      let sending = Task { try await run.source.run() }
      do {
        try await run.source.acknowledgements(20)
        try await disrupt(run)
        run.source.stop()
        try await sending.value
      } catch {
        sending.cancel()
        throw error
      }
      try await cluster.waitUntilCaughtUp()
      for service in Cluster.services {
        let status = cluster.stop(service)
        #expect(status == 0, "\(service) didn't stop well")
      }
      try run.check(data ?? cluster.data, extra)
    }
  }

  private func check(_ data: URL, _ extra: [String]) throws {
    #expect(try StoreChecker(data: data).problems() == [])
    let expected = (1...source.acknowledged).map(String.init) + extra
    let recorded = try ChaosRun.recorded(data)
    #expect(recorded.count == expected.count, "acknowledged \(expected.count), recorded \(recorded.count)")
    #expect(Set(recorded) == Set(expected))
  }

  /// The ids of the source's events that Ingestion has recorded.
  private static func recorded(_ data: URL) throws -> [String] {
    var configuration = Configuration()
    configuration.readonly = true
    let store = try DatabaseQueue(
      path: data.appending(component: "ingestion.sqlite").path,
      configuration: configuration
    )
    return try store.read {
      try String.fetchAll(
        $0,
        sql: "SELECT json_extract(CAST(body AS TEXT), '$.feedback.sourceRecordID') FROM feedback"
      )
    }
  }

  // MARK: What the services say

  private struct Report: Decodable {
    var service: String
    var status: ServiceStatus?
  }

  /// What each service says of itself, as far as it answers within two seconds.
  func statuses() async throws -> [String: ServiceStatus] {
    let reports = try await cluster.run("status", "--json").lastLine(as: [Report].self)
    return Dictionary(uniqueKeysWithValues: reports.compactMap { report in report.status.map { (report.service, $0) } })
  }

  /// How a service's subscription to a stream is doing; nil where the service doesn't answer.
  func upstream(_ stream: StreamName, of service: String) async throws -> UpstreamStatus? {
    try await statuses()[service]?.upstreams.first { $0.stream == stream }
  }

  /// Until a service gets a stream as it is published, or says that it doesn't.
  func waitUntil(_ service: String, isLive: Bool, on stream: StreamName) async throws {
    try await eventually("\(service) \(isLive ? "is" : "isn't") live on \(stream)") {
      guard let upstream = try await upstream(stream, of: service) else { return false }
      return (upstream.state == .live) == isLive
    }
  }

  /// Until a service has applied what is recorded in a stream at this moment.
  func waitUntil(_ service: String, hasApplied stream: StreamName) async throws {
    var goal: UInt64 = 0
    try await eventually("the head of \(stream) is known") {
      guard let head = try await statuses().values.flatMap(\.heads).first(where: { $0.stream == stream }) else {
        return false
      }
      goal = head.position
      return true
    }
    try await eventually("\(service) has applied \(stream) up to \(goal)") {
      try await upstream(stream, of: service)?.position ?? 0 >= goal
    }
  }

  /// What the gateway's REST API answers.
  func get(_ path: String) async throws -> (body: String, status: Int) {
    try await get(from: "http://127.0.0.1:\(cluster.consolePort)/api/v1/\(path)")
  }

  /// The status that a service's `/healthz` has; 0 where nobody answers.
  func health(of service: String) async throws -> Int {
    guard let port = cluster.adminPort(of: service) else { return 0 }
    do {
      return try await get(from: "http://127.0.0.1:\(port)/healthz").status
    } catch is URLError {
      return 0
    }
  }

  private func get(from address: String) async throws -> (body: String, status: Int) {
    let url = try #require(URL(string: address))
    let (data, response) = try await URLSession.shared.data(from: url)
    return (String(decoding: data, as: UTF8.self), (response as? HTTPURLResponse)?.statusCode ?? 0)
  }
}
