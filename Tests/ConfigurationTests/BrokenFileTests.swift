import Testing

@testable import Configuration

/// A file with something wrong, and what has to be said of it.
struct BrokenFile: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    /// Each stands for one error: its line, and a part of its message.
    var errors: [(line: Int, part: String)]

    init(_ name: String, _ text: String, _ errors: (line: Int, part: String)...) {
        self.name = name
        self.text = text
        self.errors = errors
    }

    var testDescription: String { name }

    /// Behind a whole small configuration of nine lines, so that nothing else is missing.
    static func behind(_ name: String, _ text: String, _ errors: (line: Int, part: String)...) -> BrokenFile {
        var file = BrokenFile(name, ConfigurationFileTests.small + "\n" + text)
        file.errors = errors
        return file
    }

    static let form = [
        BrokenFile.behind("a line that is nothing", "what", (10, "neither [section] nor key = value")),
        .behind("a section that is not closed", "[log\nLevel = info", (10, "] is missing: write [log]")),
        .behind("a section that is neither closed nor named", "[ # x\nPort = 1", (10, "has no name")),
        .behind("a section without a name", "[ ]\nPort = 1", (10, "no name; valid: app")),
        .behind("text behind a section", "[log] x\nLevel = info", (10, "behind the section's ]")),
        .behind("bytes that are no UTF-8", "[log]\nFile = \u{fffd}", (11, "save the file as UTF-8")),
        .behind("a colon for =", "[log]\nLevel: info", (11, "did you mean Level = ...?")),
        .behind("a blank for =", "[custom:x]\nPort 1", (11, "did you mean Port = ...?")),
        .behind("a colon behind another program's word", "listen: 1", (10, "a # comment")),
        .behind("a lag without a unit", "[custom:x]\nPort = 1\nMaxLag = 2", (12, "write 2s or 2M")),
        .behind("an allowlist of another kind", "[authority]\nUse = 1\nIps = 10.0.0.1;10.0.0.2", (12, "by commas")),
        .behind("a port with a comment behind it", "[custom:x]\nPort = 1;", (11, "a comment needs a blank")),
        .behind("an address with a port", "[custom:x]\nPort = 1\nBind = 0.0.0.0:1", (12, "the port goes into Port")),
        .behind("an IPv6 address with a port", "[custom:x]\nPort = 1\nBind = [::1]:1", (12, "the port goes into Port")),
        .behind(
            "children by a protocol that there is not", "[dispatch]\nProtocol = TCP;UDP\nHosts = a\nPorts = 1 2",
            (11, "separated by commas"), (13, "separated by commas")),
        .behind("a port with an open quote", "[custom:x]\nPort = \"1", (11, "closing \" is missing")),
        .behind("a port under another word", "[custom:x]\nPrt = 1", (11, "did you mean Port?")),
        .behind(
            "lists under other words", "[dispatch:x]\nProtocol = TCP\nHost = a\nPort = 1", (12, "Hosts?"),
            (13, "Ports?")),
        .behind("neither list", "[dispatch:x]\nProtocol = TCP", (10, "Hosts is missing"), (10, "Ports is missing")),
        .behind("no key", "[log]\n = info", (11, "no key in front of =")),
        .behind("an open quote", "[log]\nFile = \"a.log", (11, "closing \" is missing")),
        .behind("text behind a quote", "[log]\nFile = \"a.log\" b", (11, "behind the closing \"")),
        .behind("a control character", "[log]\nFile = a\u{1}b", (11, "control character")),
        .behind("a NUL", "[log]\nFile = a\0b", (11, "control character")),
        .behind("a long line", "[log]\nFile = " + String(repeating: "x", count: 5_000), (11, "longer than 4096")),
        BrokenFile(
            "a key in front", "Port = 1\n" + ConfigurationFileTests.small, (1, "in front of the first [section]")),
        .behind("a section twice", "[app]\nName = a", (10, "[app] is there already, in line 1")),
        .behind("a key twice", "[log]\nLevel = info\nLEVEL = warn", (12, "Level is there already, in line 11")),
        .behind("a named section twice", "[custom:A]\nPort=1\n[custom:a]\nPort=2", (12, "[custom:a] is there already")),
    ]

    static let words = [
        BrokenFile.behind("an unknown section", "[aap]", (10, "unknown section [aap]; did you mean app?")),
        .behind("a far section", "[qqqqqqqq]", (10, "valid: app, backstream")),
        .behind("a named section that may have none", "[log:x]", (10, "takes no name")),
        .behind("an empty name", "[custom:]", (10, "must be 1 to 64 letters")),
        .behind("a name with a blank", "[custom:a b]", (10, "must be 1 to 64 letters")),
        .behind("a stream without a slash", "[stream:main]", (10, "write app/name")),
        .behind("a reserved stream", "[stream:api/x]", (10, "api is the node's own")),
        .behind("an unknown key", "[log]\nLevl = info", (11, "unknown key Levl in [log]; did you mean Level?")),
        .behind("a key of another section", "[log]\nFilterIps = 10.0.0.1", (11, "it belongs in [custom]")),
        .behind("an unknown key in a section that is not used", "[pushstream]\nProt = 1", (11, "unknown key Prot")),
        .behind("an unknown word", "[log]\nLevel = infos", (11, "Level is infos; did you mean info?")),
        .behind("a far word", "[log]\nLevel = zzzzzz", (11, "valid: debug, info, warn, error")),
        .behind("a word that would break the terminal", "[log]\nLevel = \u{202e}x", (11, "\\u{202e}")),
    ]

    static let values = [
        BrokenFile.behind("a port over 65535", "[custom:x]\nPort = 65536", (11, "from 0 to 65535")),
        .behind("a port below 0", "[custom:x]\nPort = -1", (11, "from 0 to 65535")),
        .behind("a port that is no number", "[custom:x]\nPort = http", (11, "from 0 to 65535")),
        .behind("a port beyond Int", "[custom:x]\nPort = 99999999999999999999", (11, "from 0 to 65535")),
        .behind("no port", "[custom:x]\nBind = 127.0.0.1", (10, "Port is missing in [custom:x]")),
        .behind("an empty port", "[custom:x]\nPort =", (11, "Port is missing in [custom:x]")),
        .behind("a bad address", "[custom:x]\nPort = 1\nBind = 10.0.0.300", (12, "300, and 255 is the largest")),
        .behind("an address with a zone", "[custom:x]\nPort = 1\nBind = fe80::1%eth0", (12, "zone")),
        .behind("a multicast address for TCP", "[custom:x]\nPort = 1\nBind = 239.0.0.1", (12, "only UDP")),
        .behind(
            "a source of the other family", "[backstream:x]\nPort = 1\nProtocol = UDP\nBind = 232.0.0.1\nSource = ::1",
            (14, "Source is not the address of a sender to the group 232.0.0.1")),
        .behind(
            "a group as a source", "[backstream:x]\nPort = 1\nProtocol = UDP\nBind = 232.0.0.1\nSource = 232.0.0.2",
            (14, "Source is not the address of a sender")),
        .behind("a bad boolean", "[authority]\nUse = maybe", (11, "write True or False")),
        .behind("a bad list", "[authority]\nUse = True\nIps = 10.0.0.1,,10.0.0.2", (12, "a comma too many")),
        .behind("a bad block", "[authority]\nUse = 1\nIps = 10.0.0.1/8", (12, "write 10.0.0.0/8")),
        .behind("a duration without a unit", "[stream]\nGrace = 15", (11, "write 15ms or 15s")),
        .behind("a duration that is none", "[stream]\nGrace = soon", (11, "no duration")),
        .behind("a duration out of range", "[stream]\nFlushDelay = 5s", (11, "from 0s to 1s")),
        .behind("a duration beyond Int64", "[stream]\nGrace = 999999999999h", (11, "longer than a year")),
        .behind("an unknown unit", "[stream]\nGrace = 5d", (11, "no unit: ms, s, m or h")),
        .behind("a size that is none", "[stream]\nGopBytes = much", (11, "no size")),
        .behind("a size out of range", "[stream]\nGopBytes = 1", (11, "from 64K to 1G")),
        .behind("a size beyond Int", "[stream]\nGopBytes = 999999999999999G", (11, "too large")),
        .behind("an unknown size", "[stream]\nGopBytes = 4X", (11, "no unit: K, M or G")),
        .behind("two sizes of lag", "[custom:x]\nPort = 1\nMaxLag = 2M, 4M", (12, "two sizes")),
        .behind("two times of lag", "[custom:x]\nPort = 1\nMaxLag = 2s, 4m", (12, "two durations")),
        .behind("a bad stream", "[custom:x]\nPort = 1\nStream = live", (12, "write app/name")),
        .behind("all streams by TCP", "[custom:x]\nProtocol=TCP\nPort = 1\nStream = all", (13, "name one")),
        .behind("a secret with a slash", "[backstream:x]\nPort = 1\nSecret = a/b", (12, "holds a slash")),
        .behind("a secret that is a route", "[backstream:x]\nPort = 1\nSecret = healthz", (12, "meaning of its own")),
        .behind("a bad URL", "[app:x]", (10, "takes no name")),
        BrokenFile(
            "a bad report URL", "[app]\nMonitor = 10.0.0.5\n" + ConfigurationFileTests.small.dropFirst(6),
            (2, "a URL such as")),
        BrokenFile(
            "no viewers at all", "[app]\nMaxViewers = 0\n" + ConfigurationFileTests.small.dropFirst(6), (2, "from 1")),
    ]

    static let sense = [
        BrokenFile("an empty file", "", (1, "RunMode is missing in [app]: normal, extra or monitor")),
        BrokenFile(
            "an empty RunMode", ConfigurationFileTests.small.replacing("RunMode = normal", with: "RunMode ="),
            (2, "RunMode is missing in [app]: normal, extra or monitor")),
        BrokenFile(
            "an unknown RunMode", ConfigurationFileTests.small.replacing("= normal", with: "= nromal"),
            (2, "did you mean normal?")),
        BrokenFile(
            "no way in", "[app]\nRunMode = normal\n[custom]\nPort = 1",
            (2, "[backstream] is missing: add it with its Port, since RunMode = normal takes its stream there")),
        BrokenFile(
            "a way in under another name", "[app]\nRunMode = normal\n[backstraem]\nPort=1\n[custom]\nPort = 1",
            (3, "did you mean backstream?")),
        BrokenFile(
            "a RunMode under another name", ConfigurationFileTests.small.replacing("RunMode", with: "RunMod"),
            (2, "did you mean RunMode?")),
        BrokenFile(
            "no parent's way in", "[app]\nRunMode = extra\n[backstream]\nPort = 2\n[custom]\nPort = 1",
            (2, "[pushstream] is missing")),
        BrokenFile(
            "no way out", "[app]\nRunMode = normal\n[backstream]\nPort = 1",
            (2, "[custom] is missing: add it with its Port, since no other way out is written")),
        BrokenFile(
            "no viewers' door", "[app]\nRunMode = normal\n[backstream]\nPort = 1\n[dispatch]\nProtocol = CUSTOM",
            (6, "[custom] is missing: add it with its Port, since [dispatch] Protocol holds CUSTOM")),
        BrokenFile("no monitor", "[app]\nRunMode = monitor", (2, "[monitor] is missing")),
        .behind("a port twice", "[custom:x]\nBind=127.0.0.1\nPort = 56001", (12, "[custom] listens there too, by TCP")),
        .behind("a port on all and on one", "[custom:x]\nPort = 56001", (11, "Port 56001 is used twice")),
        .behind("a port on all of IPv6 and on one", "[custom:x]\nBind=::\nPort = 56001", (12, "used twice")),
        .behind(
            "an encoder's port for viewers", "[custom:x]\nBind=127.0.0.1\nPort = 50001",
            (12, "[backstream] listens there too")
        ),
        .behind(
            "unequal lists", "[dispatch]\nProtocol = TCP,CUSTOM\nHosts = 10.0.0.1, 10.0.0.2\nPorts = 1",
            (13, "Hosts lists 2 and Ports 1")),
        .behind(
            "no hosts", "[dispatch]\nProtocol = UDP,CUSTOM\nPorts = 1", (10, "Hosts is missing in [dispatch]")),
        .behind(
            "no ports", "[dispatch]\nProtocol = UDP,CUSTOM\nHosts = a\nPorts =", (13, "Ports is missing in [dispatch]")),
        .behind(
            "TCP and UDP in one section", "[dispatch]\nProtocol = TCP,UDP,CUSTOM\nHosts = a\nPorts = 1",
            (11, "both TCP and UDP")),
        .behind("a child's port 0", "[dispatch:x]\nProtocol = TCP\nHosts = a\nPorts = 0", (13, "from 1 to 65535")),
        .behind("a child's bad name", "[dispatch:x]\nProtocol = TCP\nHosts = a_b-\nPorts = 1", (12, "nor a host name")),
        .behind(
            "a child's bad address", "[dispatch:x]\nProtocol=TCP\nHosts = 1.2.3\nPorts = 1", (12, "not an IP address")),
        .behind(
            "a child's long name",
            "[dispatch:x]\nProtocol=TCP\nHosts = " + String(repeating: "a.", count: 127) + "\nPorts = 1",
            (12, "253 is the longest")),
        .behind("a named dispatch without a protocol", "[dispatch:x]\nHosts = a\nPorts = 1", (10, "TCP or UDP")),
        .behind("a named dispatch to viewers", "[dispatch:x]\nProtocol = CUSTOM", (11, "CUSTOM belongs in [dispatch]")),
    ]
}

@Suite struct BrokenFileTests {
    @Test(arguments: BrokenFile.form + BrokenFile.words + BrokenFile.values + BrokenFile.sense)
    func `a broken file is refused with line and reason`(file: BrokenFile) {
        let (configuration, diagnostics) = load(file.text)
        #expect(configuration == nil)
        let errors = diagnostics.filter { $0.severity == .error }
        #expect(errors.count == file.errors.count, "\(errors)")
        for (error, expected) in zip(errors, file.errors) {
            #expect(error.file == "node.ini")
            #expect(error.line == expected.line, "\(error)")
            #expect(error.message.contains(expected.part), "\(error)")
        }
    }

    @Test func `all errors are told at once, in the order of the lines`() {
        let text = """
            [app]
            RunMode = normal
            Nmae = x
            [backstream]
            Protocol = TPC
            Port = 70000
            [custm]
            [custom]
            Port = 56001
            FilterIps = 10.0.0.1
            [dispatch]
            Protocol = CUSTOM,TCP
            Hosts = 10.0.0.1, 10.0.0.2
            Ports = 1
            """
        let (configuration, diagnostics) = load(text)
        #expect(configuration == nil)
        #expect(
            diagnostics.map(\.description) == [
                "node.ini:3: unknown key Nmae in [app]; did you mean Name?",
                "node.ini:5: Protocol is TPC; did you mean TCP?",
                "node.ini:6: Port is 70000: a number from 0 to 65535",
                "node.ini:7: unknown section [custm]; did you mean custom?",
                "node.ini:10: warning: FilterIps is not used: it is for Protocol = TCP",
                "node.ini:14: Hosts lists 2 and Ports 1: they go in pairs, one port for each host",
            ])
    }

    @Test func `a file that is no configuration gives a bounded number of errors`() {
        let (configuration, diagnostics) = load(String(repeating: "x\n", count: 10_000))
        #expect(configuration == nil)
        #expect(diagnostics.count == INIDocument.errorsMax + 1)
    }

    @Test(arguments: ["\u{fffd}\u{fffd}[\0a\0", "\0[\0a\0p\0p", "[\0a\0p\0p\0"])
    func `a file of wide characters is one error`(text: String) {
        let (_, diagnostics) = load(text)
        #expect(diagnostics.first?.description == "node.ini:1: the file is UTF-16 or UTF-32: save it as UTF-8")
        #expect(diagnostics.count == 1)
    }

    @Test func `a comment in another encoding is passed over`() {
        #expect(load("# \u{fffd}\n" + ConfigurationFileTests.small + " ; \u{fffd}").configuration != nil)
    }

    @Test func `a file over a megabyte is refused`() {
        let (configuration, diagnostics) = load(String(repeating: "#\n", count: 600_000))
        #expect(configuration == nil)
        #expect(diagnostics.contains { $0.message.contains("larger than 1 MiB") })
    }

    @Test func `too many sections are refused`() {
        var text = ConfigurationFileTests.small
        for number in 0..<1_100 { text += "\n[custom:x\(number)]\nPort=0" }
        #expect(load(text).diagnostics.contains { $0.message.contains("more than 1024 sections") })
    }

    @Test func `too many items in a list are refused`() {
        let items = [String](repeating: "::", count: 1_100).joined(separator: ",")
        let text = ConfigurationFileTests.small + "\n[authority]\nUse = True\nIps = " + items
        #expect(load(text).diagnostics.contains { $0.message.contains("lists 1100 items, and 1024 are the most") })
    }

    @Test func `a secret stands in no message`() {
        for line in ["Secret: sesame", "Secret sesame", "Secret = \"sesame"] {
            let diagnostics = load(ConfigurationFileTests.small + "\n[backstream:x]\nPort = 0\n" + line).diagnostics
            #expect(!diagnostics.isEmpty)
            #expect(!diagnostics.contains { $0.message.contains("sesame") }, "\(diagnostics)")
        }
        for secret in ["sesame/open", "healthz", String(repeating: "sesame", count: 100)] {
            let text = ConfigurationFileTests.small + "\n[backstream:x]\nPort = 0\nSecret = " + secret
            let (_, diagnostics) = load(text)
            #expect(!diagnostics.isEmpty)
            #expect(!diagnostics.contains { $0.message.contains("sesame") || $0.message.contains("healthz") })
        }
    }
}
