/// One load under which servers are compared.
package struct BenchCase: Equatable, Sendable {
    /// The viewers' transport.
    package enum Tier: String, CaseIterable, Sendable {
        case ws, tcp, http
    }

    package var tier: Tier
    package var viewers: Int
    package var bitsPerSecond: Int
    /// Pictures a second, each one burst; nil: steady.
    package var pictures: Int?
    /// How often each server runs it; nil: as often as the whole comparison says.
    package var rounds: Int?

    package init(_ tier: Tier, viewers: Int, bitsPerSecond: Int, pictures: Int? = nil, rounds: Int? = nil) {
        self.tier = tier
        self.viewers = viewers
        self.bitsPerSecond = bitsPerSecond
        self.pictures = pictures
        self.rounds = rounds
    }

    /// `1 Mbit/s x 500, ws, 25 pictures/s`.
    package var name: String {
        "\(BenchCase.rateName(bitsPerSecond)) x \(viewers), \(tier.rawValue), "
            + (pictures.map { "\($0) pictures/s" } ?? "steady")
    }

    private static func rateName(_ bits: Int) -> String {
        switch bits {
        case 1_000_000...: Decimals.text(Double(bits) / 1e6, atMost: 3) + " Mbit/s"
        default: Decimals.text(Double(bits) / 1e3, atMost: 3) + " kbit/s"
        }
    }
}

/// Cases that belong together.
package enum BenchSuite: String, CaseIterable, Sendable {
    /// A look in a few minutes.
    case quick
    /// What tsrelay is held to.
    case bars

    package var cases: [BenchCase] {
        switch self {
        case .quick:
            [
                BenchCase(.ws, viewers: 200, bitsPerSecond: 1_000_000),
                BenchCase(.ws, viewers: 200, bitsPerSecond: 1_000_000, pictures: 25),
            ]
        case .bars: barCases
        }
    }

    private var barCases: [BenchCase] {
        var cases: [BenchCase] = []
        for (bits, viewers) in [(1_000_000, 500), (1_000_000, 2000), (10_000_000, 300)] {
            cases.append(BenchCase(.ws, viewers: viewers, bitsPerSecond: bits))
            cases.append(BenchCase(.ws, viewers: viewers, bitsPerSecond: bits, pictures: 25))
        }
        for tier in [BenchCase.Tier.tcp, .http] {
            for viewers in [100, 1000, 4000] {
                cases.append(BenchCase(tier, viewers: viewers, bitsPerSecond: 1_000_000, rounds: 1))
            }
            cases.append(BenchCase(tier, viewers: 1000, bitsPerSecond: 450_000, rounds: 1))
        }
        return cases
    }
}
