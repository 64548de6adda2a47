import Testing

@testable import Bench

@Suite struct CompareOptionsTests {
    private func parse(_ words: String...) throws(WrongUsage) -> CompareOptions {
        guard let options = try CompareOptions(parsing: words) else { throw WrongUsage("help") }
        return options
    }

    @Test func `without options tsrelay runs against two limits`() throws {
        let options = try parse()
        #expect(options.contenders(relayPath: "/x").map(\.name) == ["tsrelay", "limit-picture", "limit-read"])
        #expect(options.contenders(relayPath: "/x")[0].kind == .relay(path: "/x"))
        #expect(options.baseName == "limit-picture")
        #expect(options.cases.map(\.name) == ["1 Mbit/s x 500, ws, steady"])
        #expect(options.rounds == 3 && options.serverCores == [0] && options.loadCores == [1] && options.loadSpins)
    }

    @Test func `other servers are named, with addresses of their own`() throws {
        let options = try parse(
            "--without-tsrelay", "--limit", "read", "--server", "go=/opt/go --in {in} --ws {ws}", "--watch",
            "go=http://127.0.0.1:{ws}/x", "--publish", "go=http://127.0.0.1:{in}/push", "--base", "go")
        let servers = options.contenders(relayPath: "")
        #expect(servers.map(\.name) == ["limit-read", "go"])
        #expect(servers[1].watchURLs == [.ws: "ws://127.0.0.1:{ws}/", .http: "http://127.0.0.1:{ws}/x"])
        #expect(servers[1].publishURL == "http://127.0.0.1:{in}/push")
        #expect(options.baseName == "go")
    }

    @Test func `the base is the first limit that was named`() throws {
        #expect(try parse("--limit", "timer", "--limit", "read").baseName == "limit-timer")
    }

    @Test func `one case is described, or a suite named`() throws {
        let options = try parse("--tier", "tcp", "--viewers", "7", "--rate", "450K", "--pictures", "30")
        #expect(options.cases == [BenchCase(.tcp, viewers: 7, bitsPerSecond: 450_000, pictures: 30)])
        #expect(try parse("--suite", "bars").cases.count == 14)
    }

    @Test func `how it runs is taken`() throws {
        let options = try parse(
            "--rounds", "5", "--seconds", "2.5", "--warmup", "0", "--server-cores", "2-3", "--load-cores", "0,1",
            "--load-threads", "2", "--sleep", "--json", "--save", "x.json", "--tsrelay", "/y")
        #expect(options.rounds == 5 && options.seconds == 2.5 && options.warmupSeconds == 0)
        #expect(options.serverCores == [2, 3] && options.loadCores == [0, 1] && options.loadThreads == 2)
        #expect(!options.loadSpins && options.isJSON && options.savePath == "x.json" && options.relayPath == "/y")
    }

    @Test(arguments: [
        ["--suite", "bars", "--viewers", "3"], ["--base", "nobody"], ["--watch", "x=ws://h:1/"], ["--server", "x"],
        ["--server", "=x"], ["--server", "x="], ["--server", "a|b=c"], ["--server", "tsrelay=x"],
        ["--server", "x=y", "--server", "x=z"], ["--server", "x=y", "--watch", "x=udp://h:1"], ["--rounds", "0"],
        ["file"], ["--nonsense"], ["--suite", "all"],
    ])
    func `wrong options are told`(_ words: [String]) {
        #expect(throws: WrongUsage.self) { try CompareOptions(parsing: words) }
    }

    @Test func `ports stand where the placeholders were`() {
        let ports = Contender.Ports(publisher: 1, ws: 2, tcp: 3, http: 4)
        #expect(ports.filled(into: "{in}{ws} {tcp}/{http} {x} {in {{ws}}") == "12 3/4 {x} {in {2}")
    }

    @Test func `a server is waited for on the ports that the run needs`() {
        let ports = Contender.Ports(publisher: 1, ws: 2, tcp: 3, http: 4)
        let relay = Contender(name: "tsrelay", kind: .relay(path: "/x"))
        #expect(relay.listeningPorts(ports, tier: .http) == [1, 2])
        #expect(relay.listeningPorts(ports, tier: .tcp) == [1, 3])
        var other = Contender(name: "o", kind: .command("o {in} {ws}"))
        other.publishURL = "udp://127.0.0.1:{in}"
        #expect(other.listeningPorts(ports, tier: .ws) == [2])
        #expect(other.watchURLs[.tcp] == nil)
        #expect(other.words(program: "p", file: "f", ports: ports) == ["/bin/sh", "-c", "exec o 1 2"])
    }
}
