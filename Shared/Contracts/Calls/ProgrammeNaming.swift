/// A request that names programmes in another way than by fields of type `ID<Programme>`, so that it has to say so
/// where permission is a matter of programmes.
public protocol ProgrammeNaming {
  /// Every programme that the request is about; nil where that can't be told.
  var programmes: Set<ID<Programme>>? { get }
}
