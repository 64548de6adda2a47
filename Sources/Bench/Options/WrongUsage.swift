/// Why a command line cannot be understood; the description is what its writer reads.
package struct WrongUsage: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
