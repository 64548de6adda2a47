/// A commented configuration to begin with, which `check` has nothing to say against.
///
/// ```swift
/// var file = StarterFile(role: .middle)
/// file.parents = try StarterFile.parents("192.0.2.10")
/// file.children = try StarterFile.children("198.51.100.11, edge-b:55002")
/// file.text  // [app] RunMode = extra ...
/// ```
package struct StarterFile: Sendable, Equatable {
    package enum Role: String, Sendable, CaseIterable {
        /// Takes an encoder's stream.
        case origin
        /// Takes a parent's stream and has children.
        case middle
        /// Takes a parent's stream and has none.
        case edge
    }

    /// Where a child listens when nothing else is said, and this node to its parent.
    static let linkPort: UInt16 = 55_001

    package var role: Role
    /// Who may send; empty: who is on this machine.
    package var parents = AddressList()
    package var children: [DispatchConfiguration.Child] = []
    /// Empty: the host's.
    package var name = ""
    /// Of the way in; nil: 50001 for an encoder, 55001 for a parent.
    package var port: UInt16?
    /// Of the viewers' door.
    package var viewersPort: UInt16 = 56_001

    package init(role: Role) { self.role = role }

    /// Reads addresses and blocks, by comma.
    package static func parents(_ text: String) throws(StarterError) -> AddressList {
        guard case .addresses(let list) = try parse(.addressList, "--parent", text) else { return AddressList() }
        return list
    }

    /// Reads `host`, `host:port` and `[address]:port`, by comma.
    package static func children(_ text: String) throws(StarterError) -> [DispatchConfiguration.Child] {
        var children: [DispatchConfiguration.Child] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            var host = item.drop { $0 == " " }
            while host.last == " " { host = host.dropLast() }
            var port = linkPort
            // An address with colons and no brackets has no port behind it.
            let colons = host.count { $0 == ":" }
            if let colon = host.lastIndex(of: ":"), colons == 1 || host[..<colon].hasSuffix("]") {
                port = try self.port(String(host[host.index(after: colon)...]), of: "--children", from: 1)
                host = host[..<colon]
            }
            guard case .texts(let hosts) = try parse(.hostList, "--children", String(host)), let host = hosts.first
            else {
                continue
            }
            children.append(DispatchConfiguration.Child(host: host, port: port))
        }
        return children
    }

    /// Reads a name that a line of INI can hold.
    package static func name(_ text: String) throws(StarterError) -> String {
        guard !text.isEmpty, text.utf8.count <= 64, printable(text) == text, !text.hasPrefix("#"), !text.hasPrefix(";")
        else {
            throw StarterError("--name \(printable(text)): 1 to 64 bytes without blanks and quotes")
        }
        return text
    }

    package static func port(_ text: String, of option: String, from least: Int = 0) throws(StarterError) -> UInt16 {
        guard case .number(let number) = try parse(.count(least...65_535), option, text) else { return 0 }
        return UInt16(exactly: number) ?? 0
    }

    private static func parse(_ kind: ValueKind, _ option: String, _ text: String) throws(StarterError) -> ParsedValue {
        do throws(ValueError) {
            return try kind.parse(text)
        } catch {
            throw StarterError(option + " " + error.message)
        }
    }

    /// What does not go together in it; nil: it is complete.
    package var problem: StarterError? {
        switch role {
        case .origin where !parents.isEmpty:
            StarterError("an origin has no parent: its encoder is on this machine, or in [authority] Ips")
        case .middle where children.isEmpty:
            StarterError("a middle node has children: name them with --children HOST:PORT,... or make it an edge")
        case .edge where !children.isEmpty:
            StarterError("an edge has no children: make it a middle node")
        case .origin, .middle, .edge: nil
        }
    }
}

/// Why a starting file cannot be written.
package struct StarterError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
