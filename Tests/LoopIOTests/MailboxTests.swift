import CUV
import Testing

@testable import LoopIO

@Suite struct MailboxTests {
    /// Posts from a thread of its own until the count is reached.
    final class Poster: Sendable {
        let mailbox: Mailbox
        let onLetter: @Sendable (Int) -> Void
        let count: Int

        init(_ mailbox: Mailbox, count: Int, onLetter: @escaping @Sendable (Int) -> Void) {
            self.mailbox = mailbox
            self.count = count
            self.onLetter = onLetter
        }

        func start() -> uv_thread_t {
            var thread = uv_thread_t()
            let status = uv_thread_create(
                &thread,
                { context in
                    guard let context else { return }
                    let poster = Unmanaged<Poster>.fromOpaque(context).takeRetainedValue()
                    for number in 0..<poster.count {
                        let onLetter = poster.onLetter
                        poster.mailbox.post { onLetter(number) }
                    }
                }, Unmanaged.passRetained(self).toOpaque())
            #expect(status == 0)
            return thread
        }
    }

    @Test func `letters of another thread arrive on the loop, all, and in order`() throws {
        try withLoop { loop in
            // SAFETY: written on the loop alone.
            nonisolated(unsafe) var seen: [Int] = []
            let poster = Poster(loop.mailbox, count: 10_000) { seen.append($0) }
            var thread = poster.start()
            loop.expect { seen.count == 10_000 }
            uv_thread_join(&thread)
            #expect(seen == Array(0..<10_000))
        }
    }

    @Test func `a letter that posts is answered in a later turn`() throws {
        try withLoop { loop in
            // SAFETY: written on the loop alone.
            nonisolated(unsafe) var order: [Int] = []
            let mailbox = loop.mailbox
            mailbox.post {
                mailbox.post { order.append(2) }
                order.append(1)
            }
            loop.expect { order.count == 2 }
            #expect(order == [1, 2])
        }
    }

    @Test func `post after close is refused, also while another thread posts`() throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        let poster = Poster(mailbox, count: 20_000) { _ in }
        var thread = poster.start()
        _ = loop.run(until: { false }, timeoutMs: 1)
        loop.close()
        uv_thread_join(&thread)
        #expect(!mailbox.post {})
    }
}
