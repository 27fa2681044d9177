import Contracts
import Testing

/// Expects a fault with this reason, and at this place where one is given.
@discardableResult
func expectFault<Value>(
  _ reason: String,
  or other: String? = nil,
  at field: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Value
) -> Fault? {
  do {
    _ = try body()
    Issue.record("nothing was thrown; expected the fault '\(reason)'", sourceLocation: sourceLocation)
    return nil
  } catch let fault as Fault {
    #expect(fault.reason == reason || fault.reason == other, "\(fault)", sourceLocation: sourceLocation)
    if let field { #expect(fault.field == field, "\(fault)", sourceLocation: sourceLocation) }
    return fault
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
    return nil
  }
}
