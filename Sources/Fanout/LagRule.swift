/// How far behind the head a cursor may be: whichever comes first.
package struct LagRule: Sendable, Equatable {
    package let msMax: Int64
    package let bytesMax: Int64

    package init(msMax: Int64, bytesMax: Int64) {
        self.msMax = msMax
        self.bytesMax = bytesMax
    }
}
