import TestSupport
import Testing

@testable import Bench

/// The load against the relay itself.
@Suite(.serialized) struct RelayLoadTests {
    private static let file = """
        [app]
        RunMode = normal
        [backstream]
        Protocol = TCP
        Bind = 127.0.0.1
        Port = 0
        [custom]
        Protocol = WEBSOCKET
        Bind = 127.0.0.1
        Port = 0
        """

    @Test(arguments: ["ws", "http"])
    func `thirty viewers of the relay lose nothing`(_ scheme: String) throws {
        try Stage.run { stage in
            let relay = try stage.relay(Self.file, listeners: 2)
            let path = scheme == "ws" ? "/live/main" : "/live/main.ts"
            let line =
                "--publish tcp://127.0.0.1:\(try relay.pushPort())"
                + " --watch \(scheme)://127.0.0.1:\(try relay.watchPort())\(path)"
                + " --viewers 30 --pictures 25 --warmup 0.2 --seconds 1.5 --drain 60 --pid \(relay.process.pid) --quiet"
            let report = try LoadRun.run(try LoadOptions(parsing: line.split(separator: " ").map(String.init)))
            #expect(report.isClean, "\(report.json.text)")
            #expect(report.quick.expected > 30 * 300)
            #expect(report.cpuMsPerGB ?? 0 > 0)
            #expect(report.firstPictures.count == 30)
        }
    }
}
