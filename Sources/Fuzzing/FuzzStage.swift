import HTTP1
import HTTPServer
import LoopIO
import WebSocket

/// A loop with an HTTP server on it that does what the first part of the path asks for: all that an owner may do.
final class FuzzStage {
    let loop: EventLoop
    private(set) var listener: HTTPListener
    /// What must never happen.
    private(set) var failure: String?
    /// The answer is one without an end.
    private(set) var hasStreamed = false
    /// The request came from another loop, so to speak.
    private var hasMoved = false
    /// Lent to clients for reading.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    /// Not answered yet; the newer ones are not before the turn after the next.
    private var waiting: [HTTPExchange] = []
    private var newlyWaiting: [HTTPExchange] = []
    private var held: [WebSocketConnection] = []
    private var passedMs: Int64 = 0

    /// More than the kernel takes of an answer.
    private static let large = [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10)

    /// Time that one conversation with the kernel in between may take; it takes less than a millisecond.
    private static let timeoutMs: Int64 = 5000

    init() throws(IOError) {
        loop = try EventLoop()
        // A port that was closed can be opened again, and leaves nothing behind.
        let first = try HTTPListener(loop: loop, address: .loopbackIPv4) { $0.close() }
        first.onAcceptFailed = { _ in }
        first.onAcceptsDelayed = { _ in }
        first.onDescriptorsExhausted = { _ in }
        first.close()
        var timing = HTTPListener.Timing()
        timing.sweepMs = 1000
        listener = try HTTPListener(loop: loop, address: first.localAddress, timing: timing, connectionsMax: 1) {
            $0.close()
        }
        listener.stopAccepting()
        listener.close()
        listener = try HTTPListener(loop: loop, address: .loopbackIPv4, timing: timing, connectionsMax: 1) {
            [unowned self] exchange in
            serve(exchange)
        }
        listener.onAcceptFailed = { [unowned self] error in failure = "accept failed: \(error)" }
        if first.onAcceptFailed != nil || first.onDescriptorsExhausted != nil || first.onAcceptsDelayed != nil {
            failure = "a closed port tells somebody"
        }
        listener.onAcceptsDelayed = { _ in }
        listener.onDescriptorsExhausted = { [unowned self] _ in failure = "no descriptors are left" }
        listener.onShed = { [unowned self] _, shed in
            if shed.description.isEmpty { failure = "closed for no reason" }
        }
    }

    deinit { buffer.deallocate() }

    /// One turn of the loop, and what owners do in a later one.
    func turn() {
        loop.runOnce(waits: false)
        decide()
    }

    /// Answers what was left open, and ends streams.
    func decide() {
        for exchange in waiting {
            exchange.finishStreaming(Array("end".utf8))
            switch exchange.request.segments.last ?? "" {
            case "stream": stream(exchange)
            case "talk": talk(exchange)
            default: exchange.respond(.ok, text: "later\n")
            }
        }
        waiting = newlyWaiting
        newlyWaiting = []
        for webSocket in held { webSocket.continueReading() }
        held.removeAll()
    }

    /// Lets so much time pass for all time limits.
    func pass(ms: Int64) {
        passedMs += ms
        listener.sweep(nowMs: loop.nowMs + passedMs)
    }

    /// Tries again when the time is over: the machine may have slept meanwhile.
    func run(until condition: () -> Bool) -> Bool {
        (0..<3).contains { _ in
            decide()
            return loop.run(until: condition, timeoutMs: FuzzStage.timeoutMs)
        }
    }

    /// The time of day, so to speak; read anew.
    var nowMs: Int64 {
        loop.updateNow()
        return loop.nowMs
    }

    /// Another client comes.
    func beginConversation() {
        hasStreamed = false
        hasMoved = false
        passedMs = 0
    }

    private func serve(_ exchange: HTTPExchange) {
        let way = exchange.request.segments.first ?? ""
        if way == "move", !hasMoved { return move(exchange) }
        if exchange.wantsWebSocket, way != "later" { return talk(exchange) }
        switch way {
        case "stream": stream(exchange)
        case "later": newlyWaiting.append(exchange)
        case "close": exchange.close()
        case "large": exchange.respond(.ok, body: FuzzStage.large)
        case "early":
            exchange.readBody(onBytes: { _ in exchange.respond(.forbidden, text: "no\n") }, onEnd: { _ in })
        case "drop":
            exchange.readBody(onBytes: { _ in exchange.close() }, onEnd: { _ in })
        default:
            guard exchange.request.framing != .none else { return exchange.respond(.ok, text: "ok\n") }
            exchange.readBody(idleMs: 8000, onBytes: { _ in }) { end in
                if end == .complete { exchange.respond(.ok, text: "taken\n") }
            }
        }
    }

    /// Takes the request off the loop and back to it, as for a stream that is at home on another one.
    private func move(_ exchange: HTTPExchange) {
        hasMoved = true
        do throws(IOError) {
            let detached = try exchange.detach()
            let moved = listener.attach(detached)
            // The place is taken, so it is not looked at who comes.
            if listener.attach(detached) != nil { failure = "there is one place, and two have it" }
            if let moved { serve(moved) } else { failure = "no place for one that moves" }
        } catch {
            exchange.respond(.unavailable, text: "stay\n")
        }
    }

    private func stream(_ exchange: HTTPExchange) {
        guard !exchange.isClosed else { return }
        hasStreamed = true
        let head = ResponseHead(.ok)
        if exchange.request.method == .head { return exchange.respondToHEAD(head) }
        guard let connection = exchange.startStreaming(head) else { return }
        do throws(IOError) { try connection.write(Array("begin".utf8)) } catch { exchange.close() }
        newlyWaiting.append(exchange)
    }

    private func talk(_ exchange: HTTPExchange) {
        guard !exchange.isClosed else { return }
        let way = exchange.request.segments.first ?? ""
        guard let webSocket = exchange.upgradeToWebSocket(messageBytesMax: 512) else { return }
        switch way {
        case "every":
            webSocket.answersEveryPing = true
            webSocket.onControl = { [unowned webSocket] frame in
                do throws(IOError) { try webSocket.connection.write(frame) } catch { webSocket.abort() }
            }
        case "hold":
            webSocket.onMessage = { [unowned self, unowned webSocket] _ in
                webSocket.pauseReading()
                held.append(webSocket)
            }
        case "bye": webSocket.onMessage = { [unowned webSocket] _ in webSocket.close(.goingAway, reason: "bye") }
        case "abort": webSocket.onMessage = { [unowned webSocket] _ in webSocket.abort() }
        default: webSocket.onMessage = { [unowned self, unowned webSocket] message in echo(message, webSocket) }
        }
        webSocket.onClosing = {}
        webSocket.start()
    }

    private func echo(_ message: FrameEvent, _ webSocket: WebSocketConnection) {
        guard case .text(let bytes) = message, !webSocket.connection.isWriting else { return }
        var frame: [UInt8] = []
        FrameWriter.append(.text, bytes.span, to: &frame)
        do throws(IOError) { try webSocket.connection.write(frame) } catch { webSocket.abort() }
    }
}
