package import TestSupport

extension TransportStreamFixture {
    /// The next GOP: tables, a random access point and more pictures, as whole packets.
    package mutating func takeGroup(pictures: Int = 5, bytes: Int = 2000) -> [UInt8] {
        appendTables()
        for picture in 0..<pictures { appendPicture(bytes: bytes, isRandomAccess: picture == 0) }
        return takeBytes()
    }
}
