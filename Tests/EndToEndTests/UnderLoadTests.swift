import Testing

/// Tests of whole clusters that keep every core busy for a while: one after the other, so that they starve neither each
/// other nor the rest.
@Suite(.serialized) struct UnderLoadTests {}
