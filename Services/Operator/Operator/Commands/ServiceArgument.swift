import ArgumentParser
package import ServiceRuntime

extension ServiceMember: ExpressibleByArgument {
  /// A service's name, with the number of any instance but the first behind `/`, as `status` shows it, or behind a
  /// hyphen, as its store is called.
  package init?(argument: String) {
    if let service = ServiceProfile(argument: argument) {
      self.init(service: service, instance: 0)
      return
    }
    guard let end = argument.lastIndex(where: { $0 == "/" || $0 == "-" }),
      let service = ServiceProfile(argument: String(argument[..<end])),
      let instance = Int(argument[argument.index(after: end)...]), instance > 0
    else { return nil }
    self.init(service: service, instance: instance)
  }

  package static var allValueStrings: [String] { ServiceProfile.allValueStrings }
}

extension ServiceProfile: ExpressibleByArgument {
  package init?(argument: String) {
    guard let profile = ServiceProfile.all.first(where: { $0.name == argument }) else { return nil }
    self = profile
  }

  package static var allValueStrings: [String] { all.map(\.name) }
}
