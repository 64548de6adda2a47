import TestSupport

/// The limits of Tests/Thresholds/calls.txt, for the build that is tested.
struct CountThresholds {
    private let limits: [String: Int]

    init() throws {
        let isRelease = try RelayProcess.executable.contains("/release/")
        var limits: [String: Int] = [:]
        for line in try Files.text(Files.repository + "/Tests/Thresholds/calls.txt").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first, !name.hasPrefix("#") else { continue }
            guard words.count == 3 else { throw TestFailure("no threshold: \(line)") }
            let word = words[isRelease ? 2 : 1]
            guard let limit = word == "-" ? Int.max : Int(word) else { throw TestFailure("no threshold: \(line)") }
            limits[String(name)] = limit
        }
        self.limits = limits
    }

    /// The most that is allowed; `Int.max` for a figure that this build is not held to.
    func limit(_ name: String) throws -> Int {
        guard let limit = limits[name] else { throw TestFailure("Tests/Thresholds/calls.txt has no \(name)") }
        return limit
    }
}
