/// How far behind the head a viewer or child may be: whichever comes first.
package struct LagLimit: Sendable, Equatable {
    package var time: Duration = .seconds(2)
    package var bytes = 4 << 20

    package init(time: Duration = .seconds(2), bytes: Int = 4 << 20) {
        self.time = time
        self.bytes = bytes
    }
}
