import Testing

/// All tests that start the node: one after another, since they measure and there may be only two cores.
@Suite(.serialized) struct EndToEnd {}
