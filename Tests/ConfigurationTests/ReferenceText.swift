@testable import Configuration

/// Writes `configs/reference.ini` out of the table of keys, so that the two cannot differ.
///
/// With `TSRELAY_WRITE_REFERENCE=1` in the environment the test writes the file; otherwise it compares.
enum ReferenceText {
    /// Sections that a node with the reference's RunMode does not use: all commented out.
    private static let inactive = [Schema.pushstream.name, Schema.monitor.name]
    private static let column = 108

    static var text: String {
        var lines = [
            "# Every key that a node knows, with its default and meaning.",
            "#",
            "# Keys that are commented out show their default, or nothing where there is none: take the # away and change",
            "# them. Section and key names, words and booleans may stand in any case. # and ; begin a comment at the start",
            "# of a line and behind a blank; double quotes keep both. Lists are separated by commas.",
            "# Durations: 250ms, 5s, 2m, 1h. Sizes: bytes, or 512K, 4M, 1G in steps of 1024.",
            "# Booleans: True, on, yes, 1; False, off, no, 0. Port = 0: any free one, printed at start.",
            "# Every value may also come from the environment: TSRELAY_<SECTION>_<KEY>, such as TSRELAY_CUSTOM_PORT or",
            "# TSRELAY_STREAM_LIVE_CAMERA_GRACE, with : . - and / as _. The environment stands over the file.",
            "#",
            "# tsrelay check FILE... says what is wrong with a file and what a node will do with it.",
        ]
        for section in Schema.sections { lines += [""] + self.section(section) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ section: SectionRule) -> [String] {
        let isInactive = inactive.contains(section.name)
        var lines = [String(repeating: "#", count: column)] + wrap(section.meaning)
        switch section.label {
        case .none: break
        case .word: lines += wrap("Further ones of its kind: [\(section.name):east], with all keys of their own.")
        case .stream: lines += wrap("Keys that [stream:live/camera] does not set are those of [stream].")
        }
        lines.append((isInactive ? "#" : "") + "[\(section.name)]")
        for key in section.keys {
            lines.append("")
            lines += wrap(key.meaning)
            lines += key.guidance.map { "# " + $0 }
            lines += wrap(key.kind.form + (key.standard.isEmpty ? "" : " Default: \(key.standard)."))
            if let later = key.later { lines += wrap("No effect yet: \(later).") }
            let isLive = !isInactive && !key.example.isEmpty
            let value = key.example.isEmpty ? key.standard : key.example
            lines.append((isLive ? "" : "#") + key.name + " =" + (value.isEmpty ? "" : " " + value))
        }
        return lines
    }

    private static func wrap(_ text: String) -> [String] {
        var lines: [String] = []
        var line = "#"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > column {
                lines.append(line)
                line = "#"
            }
            line += " " + word
        }
        return lines + [line]
    }
}

extension ValueKind {
    /// What may be written, as a sentence.
    fileprivate var form: String {
        switch self {
        case .text: "Text."
        case .secret: "Text without a slash, at most \(ValueKind.secretBytesMax) bytes."
        case .boolean: "True or False."
        case .word(let words): "One of " + words.joined(separator: ", ") + "."
        case .wordList(let words): "A list of " + words.joined(separator: ", ") + "."
        case .port: "0 to 65535."
        case .portList: "A list of ports, 1 to 65535."
        case .count(let range): "\(range.lowerBound) to \(range.upperBound)."
        case .countOrAuto(let range): "auto, or \(range.lowerBound) to \(range.upperBound)."
        case .size(let range):
            "A size, \(SizeText.format(range.lowerBound)) to \(SizeText.format(range.upperBound))."
        case .duration(let range):
            "A duration, \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))."
        case .lag:
            "A duration, \(DurationText.format(ValueKind.lagTime.lowerBound)) to "
                + "\(DurationText.format(ValueKind.lagTime.upperBound)), a size, "
                + "\(SizeText.format(ValueKind.lagBytes.lowerBound)) to "
                + "\(SizeText.format(ValueKind.lagBytes.upperBound)), or both."
        case .address: "An address."
        case .addressList: "A list of addresses and blocks."
        case .hostList: "A list of names and addresses."
        case .httpURL: "A URL."
        case .stream: "app/name, of letters, digits, dots, underscores and hyphens."
        case .streamOrAll: "all, or app/name."
        case .streamList: "A list of app/name."
        }
    }
}
