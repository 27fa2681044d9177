/// A change that waits to be made, and how its caller hears what became of it: by exactly one call of `succeed` or
/// `fail`.
@usableFromInline
protocol Command: AnyObject, Sendable {
  var repetition: Repetition { get }
  func run(_ transaction: Transaction) throws
  /// What the last `run` did is durable.
  func succeed()
  /// Nothing that `run` did is left, or it was never called.
  func fail(_ error: any Error)
}

/// Whether a command's closure may be run again after what it did was undone.
@usableFromInline
package enum Repetition: Sendable {
  /// It changes something beside the transaction, such as a cache, so it is run no more than once.
  case once
  /// It reads and changes nothing but the transaction. Such commands share a savepoint; where one of them fails, all
  /// are undone, and run again with one each.
  case repeatable
}

/// One object for each command, which is all that is allocated for it here.
@usableFromInline
// Unchecked because of `value` alone: it is written by `run` and read by `succeed`, both on the writer's thread, to which
// the inbox hands the object under its lock; whoever submitted it keeps no reference.
final class Change<Value: Sendable>: Command, @unchecked Sendable {
  @usableFromInline let repetition: Repetition
  @usableFromInline let body: @Sendable (Transaction) throws -> Value
  @usableFromInline let completion: @Sendable (Result<Value, any Error>) -> Void
  /// What the last run returned.
  @usableFromInline var value: Value?

  @inlinable
  init(
    _ repetition: Repetition,
    _ body: @escaping @Sendable (Transaction) throws -> Value,
    completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    self.repetition = repetition
    self.body = body
    self.completion = completion
  }

  @inlinable
  func run(_ transaction: Transaction) throws {
    value = try body(transaction)
  }

  @inlinable
  func succeed() {
    guard let value else { preconditionFailure("a command that was not run is none that was committed") }
    completion(.success(value))
  }

  @inlinable
  func fail(_ error: any Error) {
    completion(.failure(error))
  }
}
