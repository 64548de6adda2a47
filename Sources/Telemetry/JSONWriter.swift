/// Writes one JSON value (RFC 8259), for the small documents of the node's own interfaces.
///
/// ```swift
/// var json = JSONWriter()
/// json.object {
///     $0.field("stream", "live/main")
///     $0.field("viewers", 3)
/// }
/// json.text  // {"stream":"live/main","viewers":3}
/// ```
package struct JSONWriter {
    package private(set) var text = ""
    private var needsComma = false

    package init() {}

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        open("{")
        body(&self)
        close("}")
    }

    package mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
        needsComma = true
    }

    package mutating func field(_ name: String, _ value: some BinaryInteger) { raw(name, String(value)) }
    package mutating func field(_ name: String, _ value: Bool) { raw(name, value ? "true" : "false") }
    package mutating func null(_ name: String) { raw(name, "null") }

    /// A number with two decimals; `null` when it is none or not finite.
    package mutating func field(_ name: String, _ value: Double?) {
        guard let value, value.isFinite, abs(value) < 1e12 else { return null(name) }
        let hundredths = Int64((value * 100).rounded())
        let fraction = abs(hundredths) % 100
        let sign = hundredths < 0 && hundredths > -100 ? "-" : ""
        let decimals = fraction == 0 ? "" : fraction < 10 ? ".0\(fraction)" : ".\(fraction)"
        raw(name, sign + String(hundredths / 100) + decimals)
    }

    package mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        open("{")
        body(&self)
        close("}")
    }

    package mutating func strings(_ name: String, _ values: [String]) {
        key(name)
        open("[")
        for value in values {
            if needsComma { text += "," }
            string(value)
            needsComma = true
        }
        close("]")
    }

    /// An array with one object an element.
    package mutating func array<Elements: Sequence>(
        _ name: String, _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        key(name)
        open("[")
        for element in elements {
            if needsComma { text += "," }
            open("{")
            body(&self, element)
            close("}")
        }
        close("]")
    }

    private mutating func raw(_ name: String, _ value: String) {
        key(name)
        text += value
        needsComma = true
    }

    private mutating func key(_ name: String) {
        if needsComma { text += "," }
        string(name)
        text += ":"
        needsComma = false
    }

    private mutating func open(_ bracket: String) {
        text += bracket
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    private mutating func string(_ value: String) { JSONWriter.append(value, to: &text) }

    /// The value as a string of JSON with its quotes; what a terminal would not show as it is, and `<`, is escaped.
    static func append(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar == "<" || scalar.isHidden:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
