import Ingest
import LoopIO

/// One way in, whatever its protocol.
enum WayIn {
    case tcp(TCPIngest)
    case udp(UDPIngest)
    case http(HTTPIngest)

    func close() {
        switch self {
        case .tcp(let way): way.close()
        case .udp(let way): way.close()
        case .http(let way): way.close()
        }
    }
}
