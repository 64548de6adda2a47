import Glibc
import Testing

@testable import LoopIO

@Suite(.serialized) struct SignalWatcherTests {
    @Test func `every signal is told by name`() throws {
        try withLoop { loop in
            var seen: Set<String> = []
            let watcher = try SignalWatcher(loop: loop) { seen.insert($0.name) }
            for signal in SignalWatcher.Signal.allCases { kill(getpid(), signal.number) }
            loop.expect { seen.count == 5 }
            #expect(seen == ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"])
            watcher.close()
            watcher.close()
        }
    }

    @Test func `a write to a pipe without reader does not kill the process`() throws {
        try withLoop { loop in
            let pair = try Pair(loop)
            let inbox = Inbox()
            inbox.read(pair.near)
            pair.far.closeWithReset()
            loop.expect { inbox.hasEnded }
            #expect(throws: IOError.self) { try pair.near.write([1]) }
            #expect(throws: IOError.self) { try pair.near.write([1]) }
        }
    }
}
