import Configuration
import Streaming

/// Whether one more viewer may come in: `MaxViewers` of the door and of the node, whichever loops they are on. Children
/// are no viewers.
struct ViewerLimit {
    private let section: String
    private let doorMax: Int?
    private let nodeMax: Int
    private let door: SeatCount
    private let node: SeatCount

    init(door: ViewerConfiguration, seats: SeatCount, registry: StreamRegistry) {
        section = door.section
        doorMax = door.viewersMax
        nodeMax = registry.configuration.app.viewersMax
        self.door = seats
        node = registry.directory.seats
    }

    /// Why nobody may come in at this moment; nil when there is room.
    var refusal: String? {
        if let doorMax, door.taken >= doorMax { return doorIsFull(doorMax) }
        return node.taken >= nodeMax ? nodeIsFull : nil
    }

    /// Takes a seat for a viewer, before it is answered.
    ///
    /// - Returns: why there is none; nil when it was taken.
    func takeSeat() -> String? {
        guard door.take(upTo: doorMax ?? .max) else { return doorIsFull(doorMax ?? .max) }
        guard node.take(upTo: nodeMax) else {
            door.giveBack()
            return nodeIsFull
        }
        return nil
    }

    /// Viewers have gone, or came to nothing.
    func giveBack(_ seats: Int = 1) {
        door.giveBack(seats)
        node.giveBack(seats)
    }

    private func doorIsFull(_ max: Int) -> String { "[\(section)] MaxViewers = \(max) is reached" }
    private var nodeIsFull: String { "[app] MaxViewers = \(nodeMax) is reached" }
}
