import CUV
import Glibc

/// One question to the C library's resolver, on libuv's pool of threads.
final class SystemLookUp {
    private let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    private let name: String
    private let onAnswer: (Resolver.Answer) -> Void

    private init(_ name: String, _ onAnswer: @escaping (Resolver.Answer) -> Void) {
        self.name = name
        self.onAnswer = onAnswer
    }

    deinit { request.deallocate() }

    /// Asks; the answer comes in a later turn, also when libuv cannot even begin.
    static func start(_ loop: EventLoop, _ name: String, _ onAnswer: @escaping (Resolver.Answer) -> Void) {
        let lookUp = SystemLookUp(name, onAnswer)
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        // SAFETY: balanced in the callback.
        lookUp.request.pointee.data = Unmanaged.passRetained(lookUp).toOpaque()
        let status = uv_getaddrinfo(
            loop.pointer, lookUp.request,
            { request, status, list in
                guard let data = request?.pointee.data else { return }
                // SAFETY: balances the retain above.
                let lookUp = Unmanaged<SystemLookUp>.fromOpaque(data).takeRetainedValue()
                let addresses = SystemLookUp.addresses(list)
                uv_freeaddrinfo(list)
                lookUp.answer(status, addresses)
            }, name, nil, &hints)
        guard status == 0 else {
            Unmanaged.passUnretained(lookUp).release()
            // SAFETY: the letter is read on the loop that asks.
            nonisolated(unsafe) let onAnswer = onAnswer
            loop.mailbox.post { onAnswer(.failure(.nameNotResolved(name, code: status))) }
            return
        }
    }

    private func answer(_ status: Int32, _ addresses: [SocketAddress]) {
        guard status == 0 else { return onAnswer(.failure(.nameNotResolved(name, code: status))) }
        guard !addresses.isEmpty else {
            return onAnswer(.failure(.nameNotResolved(name, code: UV_EAI_NODATA.rawValue)))
        }
        onAnswer(.success(addresses))
    }

    private static func addresses(_ list: UnsafeMutablePointer<addrinfo>?) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let pointer = entry.pointee.ai_addr, let address = SocketAddress(reading: pointer),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        return addresses
    }
}
