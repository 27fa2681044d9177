// swift-tools-version: 6.3
import PackageDescription

// Where libFuzzer is; set by deploy/fuzz only. With it our own code tells the fuzzer which way it took, and the fuzzer
// takes the place of the tests that share its folder.
let libFuzzer = Context.environment["GROUNDSWELL_LIBFUZZER"]

// Settings are declared once, here, and hold for every Swift target.
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
  ] + (libFuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer"])])

// Third-party products, named once.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcInProcess = Target.Dependency.product(name: "GRPCInProcessTransport", package: "grpc-swift-2")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let serviceContext = Target.Dependency.product(name: "ServiceContextModule", package: "swift-service-context")

/// A Swift library under `Shared/`.
func shared(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    path: "Shared/\(name)",
    exclude: exclude,
    swiftSettings: settings
  )
}

/// A service: one library, and one thin executable that only calls it.
func service(
  _ name: String,
  executable: String,
  _ dependencies: [Target.Dependency] = [],
  ofMain: [Target.Dependency] = []
) -> [Target] {
  let walls: [Target.Dependency] = ["Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", logging]
  return [
    .target(
      name: name,
      dependencies: walls + dependencies,
      path: "Services/\(name)/\(name)",
      resources: resources[name] ?? [],
      swiftSettings: settings
    ),
    .executableTarget(
      name: executable,
      dependencies: [.target(name: name), "ServiceRuntime"] + ofMain,
      path: "Services/\(name)/\(name)Main",
      swiftSettings: settings
    ),
  ]
}

let resources: [String: [Resource]] = ["Gateway": [.copy("Console")]]

/// A test target under `Tests/`.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: dependencies + ["TestSupport"],
    path: "Tests/\(name)Tests",
    exclude: exclude,
    swiftSettings: settings
  )
}

// The lists are apart, and typed: one expression of all of them is more than the compiler's type checker takes.

let sharedTargets: [Target] = [
  // Shared: the protocol module and the walls.
  .systemLibrary(name: "CZeroMQ", path: "Shared/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
  .target(name: "CChecksum", path: "Shared/CChecksum"),
  shared("Contracts", []),
  shared("Records", ["CChecksum", "Contracts", crypto]),
  shared("Storage", ["Contracts", "Records", coreMetrics, deque, grdb, logging, sqlite]),
  shared(
    "Messaging",
    ["CZeroMQ", "Contracts", "Records", grpc, grpcInProcess, deque, heap, logging, metrics, tracing, serviceContext],
    exclude: ["WIRE.md"]
  ),
  shared(
    "ServiceRuntime",
    [
      "Contracts", "Records", "Messaging", "Storage", configuration, grdb, grpc, hummingbird, lifecycle, logging,
      metrics, nio, tracing, serviceContext, unixSignals,
    ]
  ),
]

let serviceTargets: [[Target]] = [
  service(
    "Ingestion",
    executable: "groundswell-ingestion",
    [asyncAlgorithms, coreMetrics, crypto, grdb, grpc, hummingbird, lifecycle, serviceContext]
  ),
  service("Ranking", executable: "groundswell-ranking", [grdb]),
  service("GoalSetting", executable: "groundswell-goal-setting", [grdb]),
  service("LoopClosure", executable: "groundswell-loop-closure", [crypto, grdb]),
  service("Gateway", executable: "groundswell-gateway", [grdb, hummingbird, lifecycle, serviceContext]),
  service(
    "Operator",
    executable: "groundswell",
    [argumentParser, asyncAlgorithms, crypto, deque, grpc, unixSignals],
    ofMain: [argumentParser]
  ),
]

let testTargets: [Target] = [
  // Benchmarks measure exactly what ships, so they share its build (decision 0006).
  .executableTarget(
    name: "groundswell-bench",
    dependencies: ["Contracts", "Records", "Messaging", "Storage", argumentParser, grdb, grpc, logging],
    path: "Tests/Benchmarks",
    exclude: ["README.md", "Peers"],
    swiftSettings: settings
  ),
  .target(name: "CFaultyDisk", dependencies: [sqlite], path: "Tests/CFaultyDisk"),
  .target(name: "CThreadSanitizer", path: "Tests/CThreadSanitizer"),
  .target(
    name: "TestSupport",
    dependencies: [
      "CFaultyDisk", "CThreadSanitizer", "Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", grdb, grpc,
      grpcInProcess, logging,
    ],
    path: "Tests/TestSupport",
    swiftSettings: settings
  ),
  tests("Contracts", ["Contracts"], exclude: ["Golden"]),
  tests("Records", ["Contracts", "Records"]),
  tests("Storage", ["Contracts", "Records", "Storage", grdb]),
  tests("Messaging", ["Contracts", "Records", "Messaging", grpc]),
  tests(
    "ServiceRuntime",
    [
      "Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", grdb, logging, metrics, serviceContext,
    ]
  ),
  tests(
    "Ingestion",
    ["Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", "Ingestion", grdb, grpc, hummingbird]
  ),
  tests("Ranking", ["Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", "Ranking", grdb]),
  tests(
    "GoalSetting",
    ["Contracts", "Records", "Storage", "ServiceRuntime", "GoalSetting", grdb, metrics, logging]
  ),
  tests("LoopClosure", ["Contracts", "Records", "Storage", "Messaging", "ServiceRuntime", "LoopClosure", grdb]),
  tests(
    "Gateway",
    [
      "Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", "GoalSetting", "Gateway", grdb, logging,
      hummingbird,
    ]
  ),
  .target(
    name: "Simulation",
    dependencies: [
      "Contracts", "Records", "Messaging", "Storage", "ServiceRuntime", "TestSupport", "Ingestion", "Ranking",
      "GoalSetting", "LoopClosure", "Gateway", "Operator", grdb, heap, logging,
    ],
    path: "Tests/Simulation",
    swiftSettings: settings
  ),
  .executableTarget(
    name: "groundswell-simulate",
    dependencies: ["Simulation", argumentParser],
    path: "Tests/SimulationRunner",
    swiftSettings: settings
  ),
  tests("Simulation", ["Simulation"]),
  tests("Operator", ["Contracts", "Records", "Operator", argumentParser]),
  tests("EndToEnd", []),
  tests(
    "Chaos",
    ["Contracts", "Records", "Storage", "ServiceRuntime", "Ingestion", "LoopClosure", "Gateway", grdb, logging]
  ),
  tests("Interop", ["Contracts", "Records", "Messaging", "ServiceRuntime"], exclude: ["Clients"]),
]

/// What decodes bytes from outside, tested with its seeds, or fuzzed.
let fuzzed: [Target.Dependency] = [
  "CChecksum", "Contracts", "Records", "Messaging", "ServiceRuntime", "Ingestion", "Gateway", "Operator", grpc,
]
let fuzzTargets: [Target] =
  if let libFuzzer {
    [
      .systemLibrary(name: "CLibFuzzer", path: "Tests/FuzzTests/CLibFuzzer"),
      .executableTarget(
        name: "groundswell-fuzz",
        dependencies: fuzzed + ["CLibFuzzer"],
        path: "Tests/FuzzTests",
        exclude: ["CLibFuzzer", "Seeds", "SeedTests.swift"],
        swiftSettings: settings,
        linkerSettings: [.unsafeFlags([libFuzzer]), .linkedLibrary("stdc++")]
      ),
    ]
  } else {
    [tests("Fuzz", fuzzed, exclude: ["CLibFuzzer", "Driver", "Seeds"])]
  }

let package = Package(
  name: "groundswell",
  products: [
    .library(name: "Contracts", targets: ["Contracts"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(
      url: "https://github.com/apple/swift-configuration",
      from: "1.4.0",
      traits: [.defaults, "CommandLineArguments"]
    ),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.86.0"),
    .package(url: "https://github.com/apple/swift-service-context", from: "1.5.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: sharedTargets + serviceTargets.flatMap(\.self) + testTargets + fuzzTargets
)
