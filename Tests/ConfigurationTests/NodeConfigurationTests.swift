import Testing

@testable import Configuration

@Suite struct NodeConfigurationTests {
    @Test func `every key of the table reaches the configuration`() throws {
        let text = """
            [APP]
            runmode = NORMAL
            Monitor = "http://10.0.0.5:50000/monitor"
            Name = studio
            Threads = 1
            MaxViewers = 500
            BufferMemory = 1G
            [BackStream]
            protocol = http
            Bind = ::1
            Port = 50001
            Secret = "se # same"
            Stream = live/cam
            [pushstream:UDP]
            Protocol = Udp
            Bind = 239.1.2.3
            Port = 55001
            Interface = eth0
            Source = 10.1.1.1
            Stream = live/east
            [dispatch]
            Protocol = tcp , custom
            Hosts = edge.example , "10.0.0.2"
            Ports = 1 , 65535
            MaxLag = 3s
            Secret = link
            Streams = live/cam
            [dispatch:far]
            Protocol = UDP
            Hosts = 239.9.9.9
            Ports = 5000
            Interface = eth1
            [authority]
            Use = ON
            Ips = 10.0.0.0/8, 2001:db8::/32, ::ffff:192.0.2.1
            [custom]
            Port = 56001
            Start = live
            MaxLag = 1M
            LagPolicy = KICK
            MaxViewers = 20
            Stream = live/cam
            [custom:tcp]
            Protocol = tcp
            Bind = 10.0.0.9
            Port = 0
            FilterIps = 10.0.0.1, 0.0.0.0
            Start = gop
            StartBytes = 2M
            [stream]
            FlushDelay = 20ms
            Takeover = Reject
            Hold = 2s
            Grace = 1m
            Gate = ON
            GopBytes = 32M
            [stream:live/cam]
            Takeover = takeover
            Gate = off
            [log]
            Level = Debug
            Format = JSON
            File = /var/log/tsrelay.log
            [player]
            Script = "/usr/share/js/jsmpeg.js"
            """
        let (loaded, diagnostics) = load(text)
        let configuration = try #require(loaded, "\(diagnostics)")
        var expected = NodeConfiguration()
        expected.app.runMode = .normal
        expected.app.name = "studio"
        expected.app.monitorURL = "http://10.0.0.5:50000/monitor"
        expected.app.threads = 1
        expected.app.viewersMax = 500
        expected.app.bufferMemoryBytes = 1 << 30
        let camera = try StreamID(parsing: "live/cam")
        expected.ingests = [
            IngestConfiguration(
                section: "backstream", line: 8, kind: .http, bind: try IPAddress(parsing: "::1"), port: 50_001,
                stream: camera,
                secret: "se # same"),
            IngestConfiguration(
                section: "pushstream:UDP", line: 14, kind: .udp, bind: try IPAddress(parsing: "239.1.2.3"),
                port: 55_001,
                stream: try StreamID(parsing: "live/east"), interface: "eth0",
                source: try IPAddress(parsing: "10.1.1.1")),
        ]
        expected.dispatches = [
            DispatchConfiguration(
                section: "dispatch", line: 21, kind: .tcp,
                children: [.init(host: "edge.example", port: 1), .init(host: "10.0.0.2", port: 65_535)],
                lag: LagLimit(time: .seconds(3), bytes: 4 << 20), secret: "link", stream: camera),
            DispatchConfiguration(
                section: "dispatch:far", line: 28, kind: .udp, children: [.init(host: "239.9.9.9", port: 5_000)],
                interface: "eth1"),
        ]
        expected.authority = try AddressList(parsing: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"])
        expected.viewers = [
            ViewerConfiguration(
                section: "custom", line: 36, tier: .webSocket, bind: .anyIPv4, port: 56_001,
                start: StartPolicy(point: .live), lag: LagLimit(time: .seconds(2), bytes: 1 << 20), lagPolicy: .kick,
                viewersMax: 20, streams: .one(camera)),
            ViewerConfiguration(
                section: "custom:tcp", line: 43, tier: .tcp, bind: try IPAddress(parsing: "10.0.0.9"), port: 0,
                filter: try AddressList(parsing: ["10.0.0.1"]), start: StartPolicy(point: .gop, bytesMax: 2 << 20),
                streams: .one(.main)),
        ]
        expected.streamDefaults.flushDelay = .milliseconds(20)
        expected.streamDefaults.takeover = .reject
        expected.streamDefaults.hold = .seconds(2)
        expected.streamDefaults.grace = .seconds(60)
        expected.streamDefaults.gate = .on
        expected.streamDefaults.gopBytes = 32 << 20
        var one = expected.streamDefaults
        one.takeover = .takeover
        one.gate = .off
        expected.streams = [camera: one]
        expected.log.level = .debug
        expected.log.format = .json
        expected.log.file = "/var/log/tsrelay.log"
        expected.player.script = "/usr/share/js/jsmpeg.js"
        #expect(configuration == expected)
        #expect(configuration.policy(for: camera) == one)
        #expect(configuration.policy(for: .main) == expected.streamDefaults)
        #expect(configuration.configuredStreams == [.main, camera, try StreamID(parsing: "live/east")])
    }

    @Test(
        arguments: [
            (
                "[app]\nRunMode=normal\n[backstream]\nPort=1\n[pushstream]\nPort=2\n[custom]\nPort=3", ["backstream"],
                ["custom"]
            ),
            (
                "[app]\nRunMode=extra\n[backstream]\nPort=1\n[pushstream]\nPort=2\n[custom]\nPort=3", ["pushstream"],
                ["custom"]
            ),
            ("[app]\nRunMode=extra\n[backstream:a]\nPort=1\n[custom:b]\nPort=3", ["backstream:a"], ["custom:b"]),
            (
                "[app]\nRunMode=normal\n[pushstream:a]\nPort=1\n[dispatch]\nProtocol=UDP\nHosts=a\nPorts=1\n[custom]\nPort=3"
                    + "\n[custom:b]\nPort=4", ["pushstream:a"], ["custom:b"]
            ),
            (
                "[app]\nRunMode=normal\n[backstream]\nPort=1\n[dispatch]\nProtocol=UDP,CUSTOM\nHosts=a\nPorts=1\n[custom]\nPort=3",
                ["backstream"], ["custom"]
            ),
            (
                "[app]\nRunMode=normal\n[backstream]\nPort=1\n[dispatch:a]\nProtocol=TCP\nHosts=a\nPorts=1",
                ["backstream"], []
            ),
            ("[app]\nRunMode=monitor\n[backstream]\nPort=1\n[monitor]\nPort=2\n[custom:b]\nPort=4", [], []),
        ] as [(String, [String], [String])])
    func `the sections that count follow from RunMode and Protocol`(
        text: String, ingests: [String], viewers: [String]
    ) throws {
        let (loaded, diagnostics) = load(text)
        let configuration = try #require(loaded, "\(diagnostics)")
        #expect(configuration.ingests.map(\.section) == ingests)
        #expect(configuration.viewers.map(\.section) == viewers)
    }

    @Test func `Use with empty Ips lets anyone in and Use off too`() throws {
        for text in ["Use = True\nIps =", "Use = True", "Use = False\nIps = 10.0.0.1", "Ips = 10.0.0.1", ""] {
            let configuration = try #require(
                load(ConfigurationFileTests.small + "\n[authority]\n" + text).configuration)
            #expect(configuration.authority == nil)
        }
    }

    @Test func `the built-in configuration is closed to other machines`() {
        #expect(NodeConfiguration.builtin.ingests.allSatisfy { $0.bind.isLoopback })
        #expect(NodeConfiguration.builtin.viewers.allSatisfy { $0.bind.isLoopback })
    }
}
