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

    @Test func `closing without waiting frees a loop with open handles`() throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        func openTimer() throws -> () -> Bool {
            let timer = try LoopTimer(loop: loop, onFire: {})
            timer.start(afterMs: 60_000)
            return { [weak timer] in timer == nil }
        }
        let isFreed = try openTimer()
        let address = try TCPListener(loop: loop, address: .loopbackIPv4) { _ in }.localAddress
        #expect(!isFreed() && loop.closeWithoutWaiting())
        #expect(loop.isClosed && isFreed())
        #expect(try TCPListener.probe(address) == address, "the port is free")
        #expect(!mailbox.post {})
        #expect(loop.closeWithoutWaiting(), "again")
    }

    @Test func `closing without waiting leaves what hangs on a thread of the pool`() throws {
        let loop = try EventLoop()
        let work = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
        let gate = UnsafeMutablePointer<uv_sem_t>.allocate(capacity: 1)
        #expect(uv_sem_init(gate, 0) == 0)
        work.pointee.data = UnsafeMutableRawPointer(gate)
        let status = uv_queue_work(
            loop.pointer, work,
            { work in
                guard let gate = work?.pointee.data else { return }
                uv_sem_wait(gate.assumingMemoryBound(to: uv_sem_t.self))
            }, { _, _ in })
        #expect(status == 0)
        #expect(!loop.closeWithoutWaiting())
        uv_sem_post(gate)
        loop.close()
        #expect(loop.isClosed)
        uv_sem_destroy(gate)
        gate.deallocate()
        work.deallocate()
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
