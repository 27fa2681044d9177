extension Fault {
  /// The same fault, its field seen from one level further out: `text` within `data` is `data.text`.
  package func within(_ place: String) -> Fault {
    var fault = self
    fault.field =
      switch field {
      case nil: place
      case let inner? where inner.hasPrefix("["): place + inner
      case let inner?: "\(place).\(inner)"
      }
    return fault
  }
}
