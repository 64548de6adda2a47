import Ingest
import LoopIO

/// One way in, whatever its protocol.
enum WayIn {
    case tcp(TCPIngest)
    case udp(UDPIngest)
    case http(HTTPIngest)

    /// The port that was really bound.
    var port: UInt16 {
        switch self {
        case .tcp(let way): way.localAddress.port
        case .udp(let way): way.localAddress.port
        case .http(let way): way.localAddress.port
        }
    }

    func close() {
        switch self {
        case .tcp(let way): way.close()
        case .udp(let way): way.close()
        case .http(let way): way.close()
        }
    }
}
