/// How one stream is treated.
package struct StreamPolicy: Sendable, Equatable {
    package enum Takeover: Sendable, Equatable { case auto, takeover, reject }
    package enum Gate: Sendable, Equatable { case auto, on, off }

    package var flushDelay: Duration = .milliseconds(10)
    package var takeover = Takeover.auto
    package var hold: Duration = .seconds(1)
    package var grace: Duration = .seconds(15)
    package var gate = Gate.auto
    package var gopBytes = 16 << 20

    package init() {}
}
