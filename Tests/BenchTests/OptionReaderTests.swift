import Bench
import Testing

@Suite struct OptionReaderTests {
    private enum Shape: String, CaseIterable { case round, square }

    /// What one option's value is read as.
    private func read<Value>(
        _ words: String..., as body: (inout OptionReader) throws(WrongUsage) -> Value
    ) throws(WrongUsage) -> Value {
        var options = OptionReader(words)
        _ = try options.next()  // the option itself
        let value = try body(&options)
        _ = try options.next()  // nothing may be left
        return value
    }

    @Test func `a value stands behind its option or behind an equals sign`() throws {
        var options = OptionReader(["--viewers", "5", "--rate=1M", "file", "--json", "--", "--name"])
        #expect(try options.next() == .option("--viewers"))
        #expect(try options.integer(in: 1...9) == 5)
        #expect(try options.next() == .option("--rate"))
        #expect(try options.bitRate() == 1_000_000)
        #expect(try options.next() == .word("file"))
        #expect(try options.next() == .option("--json"))
        #expect(try options.next() == .word("--name"))
        #expect(try options.next() == nil)
    }

    @Test func `a value for an option without one is refused`() throws {
        var options = OptionReader(["--json=yes", "--viewers"])
        #expect(try options.next() == .option("--json"))
        #expect(throws: WrongUsage("--json takes no value")) { try options.next() }
    }

    @Test(arguments: [["--viewers"], ["--viewers="]])
    func `an option without its value is refused`(_ words: [String]) throws {
        var options = OptionReader(words)
        #expect(try options.next() == .option("--viewers"))
        #expect(throws: WrongUsage("--viewers needs a value")) { try options.integer(in: 1...9) }
    }

    @Test(arguments: ["0", "10", "-1", "x", "1.5", "99999999999999999999"])
    func `a number outside its range is refused`(_ text: String) {
        #expect(throws: WrongUsage.self) {
            try read("--viewers", text) { options throws(WrongUsage) in try options.integer(in: 1...9) }
        }
    }

    @Test(arguments: [
        ("450K", 450_000), ("1M", 1_000_000), ("2.5m", 2_500_000), ("1000", 1000), ("10G", 10_000_000_000),
    ])
    func `bit rates have decimal suffixes`(_ text: String, _ wanted: Int) throws {
        let rate = try read("--rate", text) { options throws(WrongUsage) in try options.bitRate() }
        #expect(rate == wanted)
    }

    @Test(arguments: ["M", "999", "11G", "-1M", "nan", "inf", "1e300M", "1MM"])
    func `what is no bit rate is refused`(_ text: String) {
        #expect(throws: WrongUsage.self) {
            try read("--rate", text) { options throws(WrongUsage) in try options.bitRate() }
        }
    }

    @Test(arguments: [("0", [0]), ("1,0", [0, 1]), ("0-3", [0, 1, 2, 3]), ("0-1,1,5", [0, 1, 5])])
    func `processors are a list of numbers and ranges`(_ text: String, _ wanted: [Int]) throws {
        let cores = try read("--cores", text) { options throws(WrongUsage) in try options.cores() }
        #expect(cores == wanted)
    }

    @Test(arguments: ["", ",", "1-0", "-1", "0-", "1024", "0-1-2", "a"])
    func `what is no list of processors is refused`(_ text: String) {
        #expect(throws: WrongUsage.self) {
            try read("--cores", text) { options throws(WrongUsage) in try options.cores() }
        }
    }

    @Test func `a word must be one of those there are`() throws {
        let shape = try read("--shape", "square") { options throws(WrongUsage) in try options.word(of: Shape.self) }
        #expect(shape == .square)
        #expect(throws: WrongUsage("--shape needs one of round, square, not oval")) {
            try read("--shape=oval") { options throws(WrongUsage) in try options.word(of: Shape.self) }
        }
    }
}
