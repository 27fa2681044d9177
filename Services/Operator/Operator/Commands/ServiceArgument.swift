import ArgumentParser
package import ServiceRuntime

extension ServiceProfile: ExpressibleByArgument {
  package init?(argument: String) {
    guard let profile = ServiceProfile.all.first(where: { $0.name == argument }) else { return nil }
    self = profile
  }

  package static var allValueStrings: [String] { all.map(\.name) }
}
