/// A property that does not hold for an input.
package struct FuzzFinding: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// - Throws: a finding, where the claim is false.
func require(_ claim: Bool, _ what: @autoclosure () -> String) throws(FuzzFinding) {
    if !claim { throw FuzzFinding(what()) }
}

extension StringProtocol {
    /// Whether a terminal or a log line shows all of it: no control character.
    var isPrintable: Bool { unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } }
}
