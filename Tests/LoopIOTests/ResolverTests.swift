import Testing

@testable import LoopIO

@Suite struct ResolverTests {
    /// A name server under the test's control.
    final class NameServer {
        var asked: [String] = []
        private var waiting: [(name: String, onAnswer: (Resolver.Answer) -> Void)] = []

        func lookUp(_ name: String, _ onAnswer: @escaping (Resolver.Answer) -> Void) {
            asked.append(name)
            waiting.append((name, onAnswer))
        }

        func answer(_ name: String, _ answer: Resolver.Answer) {
            guard let index = waiting.firstIndex(where: { $0.name == name }) else { return }
            waiting.remove(at: index).onAnswer(answer)
        }
    }

    private let one = SocketAddress(bytes: .init(high: 0, low: 0xffff_0a00_0001), port: 0)
    private let two = SocketAddress(bytes: .init(high: 0, low: 0xffff_0a00_0002), port: 0)

    @Test(arguments: ["10.0.0.1", "::1", "[::1]"])
    func `a literal is answered without a look-up, in a later turn`(host: String) throws {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            var answer: Resolver.Answer?
            resolver.resolve(host, port: 80) { answer = $0 }
            #expect(answer == nil)
            loop.expect { answer != nil }
            #expect(try answer?.get() == [SocketAddress(parsing: host, port: 80)])
            #expect(server.asked.isEmpty)
        }
    }

    @Test func `two look-ups run at once, the third waits`() throws {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            var answers: [String] = []
            for name in ["a", "b", "c", "a"] { resolver.resolve(name, port: 1) { _ in answers.append(name) } }
            #expect(server.asked == ["a", "b"])
            server.answer("b", .success([one]))
            #expect(answers == ["b"])
            #expect(server.asked == ["a", "b", "c"])
            server.answer("a", .success([two]))
            #expect(answers == ["b", "a", "a"], "one look-up for all who ask for a name")
            #expect(resolver.lookUps == 3)
        }
    }

    @Test func `an answer is kept, in any case of letters, with the port of each question`() throws {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            var answers: [[SocketAddress]] = []
            resolver.resolve("Host.Example", port: 1) { answers.append((try? $0.get()) ?? []) }
            server.answer("host.example", .success([one, two]))
            resolver.resolve("host.example", port: 2) { answers.append((try? $0.get()) ?? []) }
            loop.expect { answers.count == 2 }
            #expect(server.asked == ["host.example"])
            #expect(answers.map { $0.map(\.port) } == [[1, 1], [2, 2]])
            #expect(answers.map { $0.map(\.bytes) } == [[one.bytes, two.bytes], [one.bytes, two.bytes]])
        }
    }

    @Test func `a failure is told, forgotten, and asked again`() throws {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            var failures: [IOError] = []
            for _ in 0..<2 {
                resolver.resolve("gone", port: 1) { answer in
                    if case .failure(let error) = answer { failures.append(error) }
                }
                server.answer("gone", .failure(.nameNotResolved("gone", code: -3008)))
            }
            #expect(failures.count == 2)
            #expect(failures.first?.description == "host gone has no address: unknown node or service (EAI_NONAME)")
            #expect(server.asked.count == 2)
        }
    }

    @Test(arguments: ["", String(repeating: "a", count: 254), "a b", "a\nb", "a\u{1}b"])
    func `what is no host name is refused without a look-up`(host: String) throws {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            var answer: Resolver.Answer?
            resolver.resolve(host, port: 1) { answer = $0 }
            loop.expect { answer != nil }
            #expect(answer == .failure(.badHostName(host)))
            #expect(server.asked.isEmpty)
        }
    }

    @Test func `names beyond the limit are refused while all are being asked, and the oldest answer makes room`() throws
    {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            for number in 0..<Resolver.namesMax { resolver.resolve("n\(number)", port: 1) { _ in } }
            var answers: [Resolver.Answer] = []
            resolver.resolve("late", port: 1) { answers.append($0) }
            loop.expect { answers.count == 1 }
            #expect((try? answers[0].get()) == nil)
            server.answer("n0", .success([one]))
            resolver.resolve("late", port: 1) { answers.append($0) }
            #expect(answers.count == 1, "it waits in the queue")
        }
    }

    @Test func `nobody is answered after close`() throws {
        try withLoop { loop in
            let server = NameServer()
            let resolver = try Resolver(loop: loop, lookUp: server.lookUp)
            resolver.resolve("a", port: 1) { _ in Issue.record("answered after close") }
            resolver.resolve("127.0.0.1", port: 1) { _ in Issue.record("answered after close") }
            resolver.close()
            server.answer("a", .success([one]))
            #expect(!loop.run(until: { false }, timeoutMs: 10))
        }
    }

    @Test func `a name that libuv does not even look up is answered in a later turn`() throws {
        try withLoop { loop in
            let resolver = try Resolver(loop: loop)
            // In ASCII (RFC 3492) longer than libuv has room for.
            let name = String(repeating: "\u{fc}.", count: 80)
            var answer: Resolver.Answer?
            resolver.resolve(name, port: 9) { answer = $0 }
            #expect(answer == nil)
            loop.expect { answer != nil }
            #expect(throws: IOError.self) { try #require(answer).get() }
        }
    }

    @Test func `localhost is found by the system`() throws {
        try withLoop { loop in
            let resolver = try Resolver(loop: loop)
            var answer: Resolver.Answer?
            resolver.resolve("localhost", port: 9) { answer = $0 }
            loop.expect { answer != nil }
            let addresses = try #require(answer).get()
            #expect(!addresses.isEmpty)
            #expect(addresses.allSatisfy { $0.isLoopback && $0.port == 9 })
        }
    }
}
