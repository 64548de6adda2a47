import CUV
import Testing

@testable import LoopIO

@Suite struct EventLoopTests {
    @Test func `run returns after stop, and runs again`() throws {
        try withLoop { loop in
            var turns = 0
            let timer = try LoopTimer(loop: loop) {
                turns += 1
                loop.stop()
            }
            timer.start(afterMs: 0)
            loop.run()
            timer.start(afterMs: -5)
            loop.run()
            #expect(turns == 2)
        }
    }

    @Test func `run gives up after its time`() throws {
        try withLoop { loop in
            let start = loop.nowMs
            #expect(!loop.run(until: { false }, timeoutMs: 20))
            #expect(loop.nowMs - start >= 20)
        }
    }

    @Test func `run gives up after its time where the condition takes long to judge`() throws {
        try withLoop { loop in
            var judged = 0
            let slow = {
                judged += 1
                let start = uv_hrtime()
                while uv_hrtime() - start < 8_000_000 {}
                return false
            }
            #expect(!loop.run(until: slow, timeoutMs: 40))
            #expect(judged > 1)
        }
    }

    @Test func `a repeating timer fires until it is closed, which it may do itself`() throws {
        try withLoop { loop in
            var fired = 0
            var isClosed = false
            var timer: LoopTimer?
            timer = try LoopTimer(loop: loop) {
                fired += 1
                if fired == 3 { timer?.close() }
            }
            timer?.onClosed = { isClosed = true }
            timer?.start(afterMs: 1, repeatMs: 1)
            #expect(timer?.isActive == true)
            loop.expect { isClosed }
            #expect(fired == 3)
            timer?.start(afterMs: 0)
            #expect(timer?.isActive == false)
        }
    }

    @Test func `a stopped timer does not fire`() throws {
        try withLoop { loop in
            var fired = 0
            let timer = try LoopTimer(loop: loop) { fired += 1 }
            timer.start(afterMs: 1)
            timer.stop()
            #expect(!loop.run(until: { fired > 0 }, timeoutMs: 10))
        }
    }

    @Test func `the prepare hook comes before the loop blocks and after what the turn did`() throws {
        try withLoop { loop in
            var order: [String] = []
            let timer = try LoopTimer(loop: loop) { order.append("timer") }
            let hook = try PrepareHook(loop: loop) { order.append("prepare") }
            timer.start(afterMs: 0)
            loop.expect { order.count >= 2 }
            #expect(order.prefix(2) == ["timer", "prepare"])
            hook.close()
            let count = order.count
            timer.start(afterMs: 1)
            loop.expect { order.count > count }
            #expect(order.last == "timer")
        }
    }

    @Test func `close takes open handles with it and may be called twice`() throws {
        let loop = try EventLoop()
        weak var watched: LoopTimer?
        var closed = 0
        do {
            let timer = try LoopTimer(loop: loop, onFire: {})
            timer.start(afterMs: 100_000)
            timer.onClosed = { closed += 1 }
            watched = timer
            _ = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in }
        }
        #expect(watched != nil, "a handle lives until it is closed, whoever holds it")
        loop.close()
        loop.close()
        #expect(closed == 1)
        #expect(watched == nil)
        #expect(loop.isClosed)
    }

    @Test func `a closed loop leaves nothing behind`() throws {
        weak var watched: EventLoop?
        do {
            let loop = try EventLoop()
            watched = loop
            loop.mailbox.post {}
            loop.close()
        }
        #expect(watched == nil)
    }

    @Test func `a call off the loop traps`() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop()
            // The thread takes the object with it against all rules; that is what the check is for.
            nonisolated(unsafe) let stolen = loop
            var thread = uv_thread_t()
            let context = Unmanaged.passRetained(stolen).toOpaque()
            uv_thread_create(
                &thread,
                { context in
                    guard let context else { return }
                    Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue().stop()
                }, context)
            uv_thread_join(&thread)
        }
    }
}
