import Foundation

/// One request of llhttp's own test suite, and what llhttp makes of it.
///
/// The suite is a folder of Markdown files: per case a comment with the parser's settings, a block of the bytes, with
/// escapes, and a block with the parser's events, whose offsets point into those bytes.
struct LLHTTPVector {
    struct Message: Equatable {
        var method: [UInt8] = []
        var target: [UInt8] = []
        var body: [UInt8] = []
        var isHeadComplete = false
        var isComplete = false
    }

    /// File and line of the case.
    let place: String
    /// The settings: `request` is llhttp's default, `request-lenient-...` switches a check off.
    let kind: String
    /// llhttp is told that no body follows, whatever the head says.
    let skipsBody: Bool
    let bytes: [UInt8]
    private(set) var messages: [Message] = []
    /// llhttp's error number; nil when it takes all, or stops because another protocol begins.
    private(set) var errorCode: Int?
    private(set) var errorText = ""
    private(set) var stopsForUpgrade = false
    /// Where a message without Host can be given one.
    private var hostPlaces: [Int] = []

    var isLenient: Bool { kind.contains("lenient") }

    /// The bytes with a Host in each message that has none: llhttp asks for none, RFC 9112 3.2 does.
    var bytesWithHost: [UInt8] {
        var patched = bytes
        for place in hostPlaces.reversed() where patched.count >= place {
            patched.insert(contentsOf: Array("Host: a\r\n".utf8), at: place)
        }
        return patched
    }

    // MARK: - Reading the suite

    /// All cases of a folder.
    static func all(in folder: String) throws -> [LLHTTPVector] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }.sorted()
        return try names.flatMap { name in
            try cases(of: try String(contentsOfFile: folder + "/" + name, encoding: .utf8), file: name)
        }
    }

    private static func cases(of text: String, file: String) throws -> [LLHTTPVector] {
        var vectors: [LLHTTPVector] = []
        var kind: String?
        var skipsBody = false
        var input: String?
        var block: (language: String, lines: [Substring])?
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let open = block {
                guard line == "```" else {
                    block?.lines.append(line)
                    continue
                }
                block = nil
                if open.language == "http" { input = open.lines.joined(separator: "\n") }
                if open.language == "log", let kind, let input {
                    var vector = LLHTTPVector(
                        place: "\(file):\(number + 1)", kind: kind, skipsBody: skipsBody, input: input)
                    vector.read(open.lines)
                    vectors.append(vector)
                }
            } else if line.hasPrefix("```") {
                block = (String(line.dropFirst(3)), [])
            } else if line.contains("meta="), let match = line.firstMatch(of: #/"type":\s*"([a-z-]+)"/#) {
                kind = String(match.1)
                skipsBody = line.contains("skipBody")
            }
        }
        return vectors
    }

    private init(place: String, kind: String, skipsBody: Bool, input: String) {
        self.place = place
        self.kind = kind
        self.skipsBody = skipsBody
        bytes = LLHTTPVector.unescaped(input)
    }

    /// The suite's escapes, in the order in which its own runner takes them.
    private static func unescaped(_ input: String) -> [UInt8] {
        var text = input
        text.replace("\\\n", with: "")
        text.replace("\n", with: "\r\n")
        text.replace("\\r", with: "\r")
        text.replace("\\n", with: "\n")
        text.replace("\\t", with: "\t")
        text.replace("\\f", with: "\u{0c}")
        text.replace(#/\\x([0-9a-fA-F]+)/#) { match in letter(match.1, radix: 16) }
        text.replace(#/\\([0-7]{1,3})/#) { match in letter(match.1, radix: 8) }
        return Array(text.utf8)
    }

    private static func letter(_ digits: Substring, radix: Int) -> String {
        UInt32(digits, radix: radix).flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? ""
    }

    private mutating func read(_ events: [Substring]) {
        var hasHost = false
        var hostPlace: Int?
        func place(_ event: Substring) -> Range<Int>? {
            guard let match = event.firstMatch(of: #/off=(\d+) len=(\d+) /#), let start = Int(match.1),
                let count = Int(match.2), start + count <= bytes.count
            else { return nil }
            return start..<start + count
        }
        for event in events {
            if event.hasSuffix("message begin") {
                messages.append(Message())
                (hasHost, hostPlace) = (false, nil)
            } else if let match = event.firstMatch(of: #/error code=(\d+) reason="(.*)"/#), let code = Int(match.1) {
                if code == 22 || code == 23 { stopsForUpgrade = true } else { errorCode = code }
                errorText = String(match.2)
            } else if event.hasSuffix("version complete"), let match = event.firstMatch(of: #/off=(\d+)/#),
                let end = Int(match.1), end + 2 <= bytes.count, bytes[end] == 13, bytes[end + 1] == 10
            {
                hostPlace = end + 2
            } else if event.contains("span[header_field]"), let range = place(event) {
                if String(decoding: bytes[range], as: UTF8.self).lowercased() == "host" { hasHost = true }
            } else if event.contains("headers complete") {
                change { $0.isHeadComplete = true }
                if let hostPlace, !hasHost { hostPlaces.append(hostPlace) }
            } else if event.hasSuffix("message complete") {
                change { $0.isComplete = true }
            } else if let range = place(event) {
                let part = Array(bytes[range])
                if event.contains("span[method]") { change { $0.method += part } }
                if event.contains("span[url]") { change { $0.target += part } }
                if event.contains("span[body]") { change { $0.body += part } }
            }
        }
    }

    private mutating func change(_ body: (inout Message) -> Void) {
        guard !messages.isEmpty else { return }
        body(&messages[messages.count - 1])
    }
}
