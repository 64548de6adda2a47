import CWslay
import WebSocket

/// What wslay 1.1.1, as a server, makes of a client's frames.
final class WslayOracle {
    private(set) var events: [FrameEvent] = []
    /// The code of its own close frame; nil while it has nothing against the client.
    private(set) var closeCode: UInt16?
    private var input: ArraySlice<UInt8>

    init?(_ bytes: [UInt8], messageBytesMax: Int) {
        input = bytes[...]
        var callbacks = wslay_event_callbacks()
        callbacks.recv_callback = { context, buffer, count, _, data in
            guard let oracle = oracle(data), let buffer, !oracle.input.isEmpty else {
                wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK.rawValue)
                return -1
            }
            let taken = min(count, oracle.input.count)
            // SAFETY: wslay lends `count` bytes for the call.
            for index in 0..<taken { buffer[index] = oracle.input[oracle.input.startIndex + index] }
            oracle.input = oracle.input.dropFirst(taken)
            return taken
        }
        callbacks.send_callback = { _, _, count, _, _ in count }
        callbacks.on_msg_recv_callback = { _, argument, data in
            guard let argument = argument?.pointee else { return }
            oracle(data)?.received(argument)
        }
        var context: wslay_event_context_ptr?
        let data = Unmanaged.passUnretained(self).toOpaque()
        guard wslay_event_context_server_init(&context, &callbacks, data) == 0 else { return nil }
        defer { wslay_event_context_free(context) }
        wslay_event_config_set_max_recv_msg_length(context, UInt64(messageBytesMax))
        // SAFETY: the context is used during this call only, while `self` lives.
        guard wslay_event_recv(context) == 0 else {
            // A fault of a frame's header: wslay closes without a code.
            closeCode = CloseCode.protocolError.rawValue
            return
        }
        guard wslay_event_send(context) == 0 else { return nil }
        if wslay_event_get_close_sent(context) != 0, wslay_event_get_close_received(context) == 0 {
            closeCode = wslay_event_get_status_code_sent(context)
        }
    }

    private func received(_ argument: wslay_event_on_msg_recv_arg) {
        // SAFETY: wslay lends the message for the call; an empty one may have no address.
        let payload = Array(UnsafeBufferPointer(start: argument.msg, count: argument.msg_length))
        switch Opcode(rawValue: argument.opcode) {
        case .text: events.append(.text(payload))
        case .binary: events.append(.binary(payload))
        case .ping: events.append(.ping(payload))
        case .pong: events.append(.pong(payload))
        case .close:
            let code = argument.status_code == 0 ? CloseCode.noCode : CloseCode(rawValue: argument.status_code)
            events.append(.close(code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self)))
        case .continuation, nil: break
        }
    }
}

/// SAFETY: the pointer is an oracle's that lives during every call.
private func oracle(_ data: UnsafeMutableRawPointer?) -> WslayOracle? {
    guard let data else { return nil }
    return Unmanaged<WslayOracle>.fromOpaque(data).takeUnretainedValue()
}
