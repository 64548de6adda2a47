/// What `tsbench limit` is told.
package struct LimitOptions: Equatable {
    /// When the server writes.
    package enum Policy: String, CaseIterable, Sendable {
        /// After each read from the publisher.
        case read
        /// `delayMs` after the first byte that waits.
        case timer
        /// At picture ends, at 8 kB, or when the last write is longer ago than `delayMs`; else `delayMs` later.
        case picture
    }

    package var policy = Policy.picture
    /// 1 ... 10,000.
    package var delayMs = 10
    /// Of each framing's ring: a power of two, 1 ... 1,024.
    package var ringMiB = 4
    /// IPv4, host order.
    package var address: UInt32 = 0x7f00_0001
    /// 0: any free one.
    package var publisherPort: UInt16 = 0
    package var wsPort: UInt16 = 0
    package var tcpPort: UInt16 = 0
    package var httpPort: UInt16 = 0

    package init() {}

    /// - Parameter words: without the program's name and the command.
    /// - Returns: nil when only help is asked for.
    package init?(parsing words: [String]) throws(WrongUsage) {
        var options = OptionReader(words)
        while let item = try options.next() {
            switch item {
            case .option("--policy"): policy = try options.word(of: Policy.self)
            case .option("--delay"): delayMs = try options.integer(in: 1...10_000)
            case .option("--ring"): ringMiB = try LimitOptions.ring(&options)
            case .option("--bind"): address = try LimitOptions.address(&options)
            case .option("--publisher-port"): publisherPort = try options.port()
            case .option("--ws-port"): wsPort = try options.port()
            case .option("--tcp-port"): tcpPort = try options.port()
            case .option("--http-port"): httpPort = try options.port()
            case .option("-h"), .option("--help"): return nil
            case .option(let name): throw WrongUsage("unknown option \(name)")
            case .word(let word): throw WrongUsage("\"\(word)\" is no option")
            }
        }
    }

    private static func ring(_ options: inout OptionReader) throws(WrongUsage) -> Int {
        let size = try options.integer(in: 1...1024)
        guard size & (size - 1) == 0 else { throw WrongUsage("--ring needs a power of two, not \(size)") }
        return size
    }

    private static func address(_ options: inout OptionReader) throws(WrongUsage) -> UInt32 {
        let text = try options.text()
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { throw WrongUsage("--bind needs an IPv4 address, not \(text)") }
        var address: UInt32 = 0
        for part in parts {
            guard let part else { throw WrongUsage("--bind needs an IPv4 address, not \(text)") }
            address = address << 8 | UInt32(part)
        }
        return address
    }

    static let usage = """
        tsbench limit is the least server that takes a stream in and sends it to viewers, in C on bare epoll: one ring of
        framed bytes, one send per viewer and write, nothing checked. What a server needs beyond it is its own cost.

        usage: tsbench limit [--policy read|timer|picture] [--delay MS] [--ring MIB] [--bind ADDRESS]
                             [--publisher-port N] [--ws-port N] [--tcp-port N] [--http-port N]

          --policy read      write to every viewer after each read from the publisher
          --policy timer     write DELAY after the first byte that waits
          --policy picture   write at a picture's end, when 8 kB wait, or when the last write is longer ago than DELAY;
                             else DELAY after the first byte that waits (default)
          --delay MS         1 to 10000, default 10
          --ring MIB         bytes kept for viewers that lag, a power of two, default 4; who is further behind is closed
          --bind ADDRESS     IPv4, default 127.0.0.1
          --...-port N       default 0: any free one; all four are opened

        The publisher comes by TCP with packets of 188 bytes. Viewers start at the next frame that is written. The first
        line on stdout names the ports as JSON; after SIGTERM or SIGINT a second line says what was counted.
        """
}
