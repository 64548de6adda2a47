import Glibc
import Testing

@testable import LoopIO

@Suite struct MachineTests {
    @Test func `the machine has a name, a processor, and a loopback interface`() throws {
        #expect(!Machine.hostName.isEmpty)
        #expect(Machine.availableParallelism >= 1)
        #expect(Machine.interfaces.contains { $0.isInternal && $0.address.isLoopback })
        #expect(Machine.residentBytes > 1 << 20)
        let environment = try Machine.environment
        #expect(environment["PATH"]?.isEmpty == false)
    }

    @Test func `the clock is in this century`() {
        #expect(wallClockMs() > 1_700_000_000_000)
        #expect(wallClockMs() < 4_000_000_000_000)
    }

    @Test func `a file is read whole, up to a limit`() throws {
        let status = try readFile("/proc/self/status")
        #expect(String(decoding: status, as: UTF8.self).contains("Name:"))
        #expect(throws: IOError.failed(.read, code: -EFBIG, nil)) { try readFile("/proc/self/status", bytesMax: 10) }
        #expect(throws: IOError.failed(.openFile, code: -ENOENT, nil)) { try readFile("/nonexistent") }
        #expect(throws: IOError.failed(.read, code: -EISDIR, nil)) { try readFile("/") }
    }
}
