/// A packet that matters, by its place in the run that was analyzed.
package struct PacketEvent: Equatable, Sendable {
    /// The number of the packet in its run, from 0.
    package var index: Int32

    /// Never empty.
    package var flags: PacketFlags

    package init(index: Int32, flags: PacketFlags) {
        self.index = index
        self.flags = flags
    }
}
