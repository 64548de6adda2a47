import Testing

@testable import Bench

@Suite struct CompareArithmeticTests {
    @Test(
        arguments: [
            ([], nil), ([5], 5), ([3, 1, 2], 2), ([1, 100, 2, 3], 2.5), ([7, 7, 1], 7),
        ] as [([Double], Double?)])
    func `the median is the value in the middle`(_ values: [Double], _ wanted: Double?) {
        #expect(Median.of(values) == wanted)
    }

    @Test func `a ratio needs both figures and a base that is not 0`() {
        #expect(Median.ratio(3, to: 2) == 1.5)
        #expect(Median.ratio(nil, to: 2) == nil && Median.ratio(3, to: nil) == nil && Median.ratio(3, to: 0) == nil)
    }

    @Test func `every server runs once a round, and each round begins with the next`() {
        let turns = Array(RunOrder(servers: 3, rounds: 4))
        #expect(turns.map(\.server) == [0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2])
        #expect(turns.map(\.round) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(Array(RunOrder(servers: 0, rounds: 3)).isEmpty)
    }

    @Test(
        arguments: [
            (1.125, 2, "1.13"), (0.0, 2, "0.00"), (-0.004, 2, "0.00"), (-1.5, 0, "-2"), (12.0, 0, "12"),
            (0.05, 1, "0.1"),
            (.nan, 2, "-"), (.infinity, 0, "-"),
        ] as [(Double, Int, String)])
    func `numbers are rounded to their digits`(_ value: Double, _ digits: Int, _ wanted: String) {
        #expect(Decimals.text(value, digits) == wanted)
    }

    @Test func `numbers lose zeros that say nothing`() {
        #expect(Decimals.text(2.50, atMost: 3) == "2.5")
        #expect(Decimals.text(10, atMost: 3) == "10" && Decimals.text(100, atMost: 0) == "100")
    }

    @Test(
        arguments: [
            (0.0, "0"), (999, "999"), (1000, "1,000"), (12_811, "12,811"), (-1_234_567, "-1,234,567"), (.nan, "-"),
        ] as [(Double, String)])
    func `large numbers have groups`(_ value: Double, _ wanted: String) {
        #expect(Decimals.grouped(value) == wanted)
    }

    @Test func `cases have names that say all`() {
        #expect(BenchCase(.ws, viewers: 500, bitsPerSecond: 1_000_000).name == "1 Mbit/s x 500, ws, steady")
        #expect(
            BenchCase(.tcp, viewers: 9, bitsPerSecond: 2_500_000, pictures: 25).name
                == "2.5 Mbit/s x 9, tcp, 25 pictures/s")
        #expect(BenchCase(.http, viewers: 1, bitsPerSecond: 450_000).name == "450 kbit/s x 1, http, steady")
    }

    @Test func `the bars are all there`() {
        let names = BenchSuite.bars.cases.map(\.name)
        #expect(names.count == 14 && Set(names).count == 14)
        #expect(names.contains("10 Mbit/s x 300, ws, 25 pictures/s"))
        #expect(names.contains("450 kbit/s x 1000, http, steady"))
        #expect(BenchSuite.bars.cases.filter { $0.tier == .ws }.allSatisfy { $0.rounds == nil })
    }

    @Test func `listening ports are read from the kernel's table`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
               1: 00000000:C351 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0
               2: 0100007F:1F91 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0

            """
        #expect(ListeningPorts.parse(Array(table.utf8)) == [8080, 50001])
        #expect(ListeningPorts.parse(Array("rubbish\n0: x 0A 0A 0A\n".utf8)).isEmpty)
    }

    @Test(arguments: [("12 345 6\n", 345), ("0 0 0", 0), ("", 0), ("1", 0), ("1 x 2", 0)] as [(String, UInt64)])
    func `how long a thread waited is the second number of its schedstat`(_ text: String, _ wanted: UInt64) {
        #expect(ServerRun.waitedNs(inSchedstat: Array(text.utf8)) == wanted)
    }

    @Test func `dates are those of UTC`() {
        #expect(MachineFacts.date(ofMs: 0) == "1970-01-01 00:00")
        #expect(MachineFacts.date(ofMs: 1_795_269_903_000) == "2026-11-21 14:05")
        let machine = MachineFacts.now()
        #expect(machine.kernel.hasPrefix("Linux ") && machine.processors >= 1 && !machine.processor.isEmpty)
    }

    @Test func `the command can be typed again`() {
        let line = CompareCommand.commandLine(["--server", "a=b {ws}", "--rate", "1M", "it's", ""])
        #expect(line == #"tsbench compare --server 'a=b {ws}' --rate 1M 'it'\''s' ''"#)
    }
}
