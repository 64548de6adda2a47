/// The bird in the mine: a parser with a defect behind four bytes, which every working fuzzer finds within seconds.
enum CanaryFuzz {
    static let target = FuzzTarget(
        name: "canary", reads: "anything: it has a defect that must be found", covers: [], bytesMax: 64, mustFail: true
    ) { input throws(FuzzFinding) in
        // One byte behind the other, so that coverage leads the way.
        guard input.count >= 4, input[0] == UInt8(ascii: "t") else { return }
        guard input[1] == UInt8(ascii: "w") else { return }
        guard input[2] == UInt8(ascii: "i") else { return }
        guard input[3] == UInt8(ascii: "t") else { return }
        throw FuzzFinding("the canary sings")
    }
}
