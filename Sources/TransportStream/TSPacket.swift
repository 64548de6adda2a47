/// The fixed numbers of a transport packet (ISO/IEC 13818-1 2.4.3.2).
package enum TSPacket {
    /// Bytes of a packet, its four header bytes included.
    package static let size = 188

    /// The first byte of every packet.
    package static let syncByte: UInt8 = 0x47

    /// The PID of the program association table.
    package static let patPID: UInt16 = 0x0000

    /// The PID of null packets, whose payload means nothing.
    package static let nullPID: UInt16 = 0x1fff

    /// How many PIDs there are: a PID has 13 bits.
    package static let pidCount = 0x2000
}
