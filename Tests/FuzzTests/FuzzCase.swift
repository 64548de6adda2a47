import Foundation
import Fuzzing
import TestSupport

/// A target with what it is fed: its seeds and the words of its dictionary.
struct FuzzCase {
    static let folder = Files.repository + "/Tests/FuzzTests"

    let target: FuzzTarget
    let seeds: [(name: String, bytes: [UInt8])]
    let words: [[UInt8]]

    init(_ target: FuzzTarget) throws {
        self.target = target
        let seedFolder = "\(FuzzCase.folder)/Seeds/\(target.name)"
        seeds = try FuzzCase.names(in: seedFolder).map { ($0, try Files.read(seedFolder + "/" + $0)) }
        let dictionary = try Files.text("\(FuzzCase.folder)/Dictionaries/\(target.name).dict")
        words = try dictionary.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            guard let word = FuzzCase.word(line.utf8) else { throw TestFailure("\(target.name).dict: \(line)") }
            return word
        }
    }

    /// The names in a folder, in order.
    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    /// One line of libFuzzer's form of a dictionary: `"GET "`, with `\\`, `\"` and `\x0d`.
    static func word(_ line: Substring.UTF8View) -> [UInt8]? {
        let quote = UInt8(ascii: "\"")
        guard line.count > 2, line.first == quote, line.last == quote else { return nil }
        var rest = line.dropFirst().dropLast()
        var word: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                word.append(byte)
                continue
            }
            guard let kind = rest.popFirst() else { return nil }
            guard kind == UInt8(ascii: "x") else {
                word.append(kind)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            word.append(value)
            rest = rest.dropFirst(2)
        }
        return word
    }

    /// The first input that is a finding: the seeds themselves, then mutations of them.
    ///
    /// - Returns: the input and what it broke; nil when none of them did.
    func firstFinding(mutations: Int, seed: UInt64) throws -> (input: [UInt8], finding: FuzzFinding)? {
        let check = try target.begin()
        var mutator = ByteMutator(seed: seed, corpus: seeds.map(\.bytes), dictionary: words)
        for number in 0..<seeds.count + mutations {
            let input = number < seeds.count ? seeds[number].bytes : mutator.next()
            guard input.count <= target.bytesMax else { continue }
            do throws(FuzzFinding) {
                try check(input.span)
            } catch {
                return (input, error)
            }
        }
        return nil
    }
}
