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
    var isPrintable: Bool {
        // A comparison is traced in a build for fuzzing, so there is none: a byte below 0x20 or of 0x7f borrows.
        let borrows = utf8.reduce(0 as UInt16) { $0 | (UInt16($1) &- 0x20) | ((UInt16($1) ^ 0x7f) &- 1) }
        return borrows >> 15 == 0
    }
}
