/// The ports of this node's ways in, which the page names in the ffmpeg line that it suggests.
package struct PushPorts: Equatable {
    package var tcp: UInt16?
    package var udp: UInt16?
    package var http: UInt16?

    package init() {}
}
