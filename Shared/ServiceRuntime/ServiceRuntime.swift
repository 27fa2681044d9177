import Foundation
import Logging
import Metrics
import Storage

/// Runs a service as a process: its `main` is one call.
package enum ServiceRuntime {
  /// Reads the settings, starts the service, runs it until SIGTERM or SIGINT, and ends the process.
  ///
  /// Exit codes: 0 after a stop that was asked for, after `--help`, `--version` and `--print-config`; else those of
  /// `StartupFailure.Reason`, with one sentence on standard error.
  package static func run(_ definition: ServiceDefinition) async -> Never {
    // Whatever files and Unix sockets come into being are the service's user's alone.
    umask(0o077)
    // A peer that has gone is noticed where it is written to.
    signal(SIGPIPE, SIG_IGN)
    do throws(StartupFailure) {
      try await start(definition)
      exit(0)
    } catch {
      writeToStandardError("groundswell-\(definition.profile.name): \(error.message)\n")
      exit(error.exitCode)
    }
  }

  private static func start(_ definition: ServiceDefinition) async throws(StartupFailure) {
    let arguments = CommandLine.arguments
    let standard = StandardSettings(definition.profile).all + definition.settings
    if arguments.dropFirst().contains("--help") {
      print(standard.help(service: definition.profile.name))
      return
    }
    if arguments.dropFirst().contains("--version") {
      print("groundswell-\(definition.profile.name) \(groundswellVersion)")
      return
    }
    let settings: Settings
    do throws(ConfigurationError) {
      settings = try await Settings.load(
        for: definition.profile,
        own: definition.settings,
        arguments: arguments,
        environment: ProcessInfo.processInfo.environment
      )
    } catch {
      throw StartupFailure(error)
    }
    if settings[StandardSettings.printConfig] {
      print(settings.report)
      return
    }
    let registry = PrometheusRegistry()
    let logger = bootstrap(settings, registry, name: definition.profile.name)
    if let backup = settings[StandardSettings.restore] {
      print(try definition.restore(from: backup, settings, logger: logger, now: .now()))
      return
    }
    let network: ZeroMQNetwork
    do {
      network = try await ZeroMQNetwork(definition.profile, settings, logger: logger)
    } catch {
      throw StartupFailure(error)
    }
    let assembly = try await ServiceAssembly.open(
      definition,
      settings: settings,
      network: network,
      logger: logger,
      registry: registry
    )
    logger.info(
      "starting",
      metadata: ["version": "\(groundswellVersion)", "store": "\(assembly.store.configuration.path)"]
    )
    let limit = Duration.seconds(settings[StandardSettings.shutdownSeconds] + 2)
    Task {
      // Work that doesn't even heed its cancellation must not keep the process from ending. What was committed stays.
      await assembly.state.wait(until: .stopping)
      try await Task.sleep(for: limit)
      logger.warning("something doesn't stop; ending all the same")
      exit(0)
    }
    try await assembly.run(stopsOnSignals: true)
  }

  /// What libraries log and count goes the same way as what the service does.
  private static func bootstrap(_ settings: Settings, _ registry: PrometheusRegistry, name: String) -> Logger {
    let level = settings[StandardSettings.logLevel]
    let format = settings[StandardSettings.logFormat]
    LoggingSystem.bootstrap { label in LineLogHandler(label: label, level: level, format: format) }
    MetricsSystem.bootstrap(registry)
    return Logger.forService(name, level: level, format: format)
  }
}
