import CLimit
import TestSupport
import Testing

@testable import Bench

@Suite struct LimitOptionsTests {
    @Test func `without options it is the picture policy on loopback and any port`() throws {
        let options = try #require(try LimitOptions(parsing: []))
        #expect(options == LimitOptions())
        #expect(options.policy == .picture && options.delayMs == 10 && options.address == 0x7f00_0001)
        #expect(options.publisherPort == 0 && options.ringMiB == 4)
    }

    @Test func `every option is taken`() throws {
        let words = [
            "--policy", "timer", "--delay=25", "--ring", "8", "--bind", "10.1.2.255", "--publisher-port", "1",
            "--ws-port", "2", "--tcp-port", "3", "--http-port", "65535",
        ]
        let options = try #require(try LimitOptions(parsing: words))
        let raw = options.raw
        #expect(raw.policy.rawValue == 1 && raw.delay_ms == 25 && raw.ring_bytes == 8 << 20)
        #expect(raw.address == 0x0a01_02ff)
        #expect([raw.publisher_port, raw.ws_port, raw.tcp_port, raw.http_port] == [1, 2, 3, 65535])
    }

    @Test(arguments: [
        ["--ring", "3"], ["--ring", "2048"], ["--delay", "0"], ["--bind", "1.2.3"], ["--bind", "1.2.3.256"],
        ["--bind", "::1"], ["--ws-port", "65536"], ["--policy", "fast"], ["file"], ["--what"],
    ])
    func `wrong options are told`(_ words: [String]) {
        #expect(throws: WrongUsage.self) { try LimitOptions(parsing: words) }
    }

    @Test func `help wins over the rest`() throws {
        #expect(try LimitOptions(parsing: ["--ring", "8", "--help"]) == nil)
    }

    @Test(arguments: ["limit", "compare"])
    func `wrong usage ends with 2 and help with 0`(_ command: String) throws {
        #expect(try BenchProgram.run(command, "--nonsense").exit == .code(2))
        let help = try BenchProgram.run(command, "--help")
        #expect(help.exit == .code(0) && help.text.contains("usage: tsbench \(command)"))
    }

    @Test func `the command itself says what there is`() throws {
        #expect(try BenchProgram.run().exit == .code(2))
        #expect(try BenchProgram.run("nonsense").exit == .code(2))
        #expect(try BenchProgram.run("--help").exit == .code(0))
    }
}
