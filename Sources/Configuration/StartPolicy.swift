/// Where a viewer begins.
package struct StartPolicy: Sendable, Equatable {
    package enum Point: Sendable, Equatable { case gop, live, raw }

    package var point = Point.gop
    /// With `gop`: a start further back than this many bytes waits for the next random access point. nil: the stream's
    /// `GopBytes`.
    package var bytesMax: Int? = 400 << 10

    package init(point: Point = .gop, bytesMax: Int? = 400 << 10) {
        self.point = point
        self.bytesMax = bytesMax
    }
}
