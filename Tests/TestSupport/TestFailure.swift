/// Why a test cannot go on, in words for whoever reads the run.
///
/// The helpers throw it instead of recording an issue, so that a test stops where its premise broke.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
