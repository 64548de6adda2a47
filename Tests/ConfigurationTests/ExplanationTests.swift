import Testing

@testable import Configuration

@Suite struct ExplanationTests {
    @Test func `the built-in node is explained`() {
        #expect(
            Explanation(.builtin).lines == [
                "It takes:",
                "  live/main by a TCP connection on 127.0.0.1, port 50001 (this machine alone) [backstream]",
                "  from any address", "It serves viewers:",
                "  all streams by WebSocket and HTTP on 127.0.0.1, port 56001 (this machine alone) [custom]",
                "    each starts at once, at the last picture that decoding can start at, at most 400K back",
                "    one that is more than 2s or 4M behind skips whole pictures", "Streams:",
                "  viewers stay 15s when the sender is gone; a second sender is refused while the first one sends, unless it "
                    + "proves the secret or is the same host; damaged pictures are kept from browsers where they can occur",
                "Limits:", "  10000 viewers, 512M of buffered streams, a thread for each available core",
                "It logs info and above to stderr.",
            ])
    }

    @Test func `every part of a rich node is named, its secrets are not`() throws {
        let text = """
            [app]
            RunMode = normal
            Name = studio
            [backstream]
            Secret = sesame
            Port = 0
            [backstream:u]
            Protocol = UDP
            Bind = ::
            Port = 7
            Stream = live/u
            [dispatch]
            Protocol = TCP, CUSTOM
            Hosts = edge, 2001:db8::1
            Ports = 1, 2
            MaxLag = 500ms
            Secret = sesame
            [authority]
            Use = True
            Ips = 10.0.0.0/8
            [custom]
            Protocol = TCP
            Port = 9
            FilterIps = 10.0.0.1
            LagPolicy = kick
            MaxViewers = 5
            Start = live
            [stream:live/u]
            Grace = 1h
            Gate = off
            Takeover = reject
            [log]
            Level = warn
            File = /var/log/tsrelay.log
            Format = json
            """
        let lines = Explanation(try #require(load(text).configuration)).lines
        let all = lines.joined(separator: "\n")
        for part in [
            "called studio",
            "an HTTP push (POST or PUT), or the stream that its path names, on all IPv4 addresses, any free port, with the secret",
            "live/u by UDP datagrams on all addresses, port 7", "from these addresses alone: 10.0.0.0/8",
            "live/main by plain TCP on all IPv4 addresses, port 9", "is closed", "at most 5 at once",
            "refused: 10.0.0.1",
            "next picture", "by TCP to edge:1, [2001:db8::1]:2; one more than 500ms or 4M behind",
            "live/u: viewers stay 1h", "second sender is refused", "go out as they came",
            "warnings and errors to /var/log/tsrelay.log, as JSON.",
        ] {
            #expect(all.contains(part), "\(part)\n\(all)")
        }
        #expect(!all.contains("sesame"))
    }
}
