import Delivery
import LoopIO

/// One door for viewers, whatever its tier.
enum Door {
    case tcp(TCPDoor)
    case web(WebDoor)

    /// Nobody is there any more.
    var isEmpty: Bool {
        switch self {
        case .tcp(let door): door.isEmpty
        case .web(let door): door.isEmpty
        }
    }

    func stopAccepting() {
        switch self {
        case .tcp(let door): door.stopAccepting()
        case .web(let door): door.stopAccepting()
        }
    }

    func close() {
        switch self {
        case .tcp(let door): door.close()
        case .web(let door): door.close()
        }
    }
}
