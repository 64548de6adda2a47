import Configuration

/// The words of `tsrelay init`.
enum StarterArguments {
    /// - Parameter words: behind `init`.
    static func parse(_ words: ArraySlice<String>) throws(Arguments.Wrong) -> Arguments {
        var values: [String: String] = [:]
        var rest = words
        while let word = rest.popFirst() {
            if word == "-h" || word == "--help" { return .help }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let option = parts[0] == "-o" ? "--output" : parts[0]
            guard options.contains(option) else {
                throw Arguments.Wrong(description: "unknown word \(word) of init")
            }
            guard values[option] == nil else { throw Arguments.Wrong(description: "\(option) is given twice") }
            var value = parts.count == 2 ? parts[1] : rest.popFirst() ?? ""
            guard !value.isEmpty else { throw Arguments.Wrong(description: "\(option) needs a value") }
            if lists.contains(option) {
                // Lists by blanks as by commas.
                while let next = rest.first, !next.hasPrefix("-") {
                    value += (value.hasSuffix(",") || next.hasPrefix(",") ? "" : ",") + next
                    rest = rest.dropFirst()
                }
            }
            values[option] = value
        }
        guard let word = values["--role"], let role = StarterFile.Role(rawValue: word) else {
            throw Arguments.Wrong(description: "init needs --role origin, --role middle or --role edge")
        }
        do throws(StarterError) {
            return .start(try file(role, values), output: values["--output"])
        } catch {
            throw Arguments.Wrong(description: error.description)
        }
    }

    private static let lists: Set<String> = ["--parent", "--children"]
    private static let options = lists.union(["--role", "--name", "--port", "--viewers", "--output"])

    private static func file(
        _ role: StarterFile.Role, _ values: [String: String]
    ) throws(StarterError) -> StarterFile {
        var file = StarterFile(role: role)
        if let text = values["--parent"] { file.parents = try StarterFile.parents(text) }
        if let text = values["--children"] { file.children = try StarterFile.children(text) }
        if let text = values["--name"] { file.name = try StarterFile.name(text) }
        if let text = values["--port"] { file.port = try StarterFile.port(text, of: "--port") }
        if let text = values["--viewers"] { file.viewersPort = try StarterFile.port(text, of: "--viewers") }
        if let problem = file.problem { throw problem }
        return file
    }
}
