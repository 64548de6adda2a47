import Configuration
import Streaming

/// Whether one more viewer may come in: `MaxViewers` of the door and of the node.
struct ViewerLimit {
    let doorMax: Int?
    let nodeMax: Int

    init(door: ViewerConfiguration, node: AppConfiguration) {
        doorMax = door.viewersMax
        nodeMax = node.viewersMax
    }

    /// Why not; nil when there is room.
    func refusal(atDoor: Int, atNode: Int) -> String? {
        if let doorMax, atDoor >= doorMax { return "[custom] MaxViewers = \(doorMax) is reached" }
        if atNode >= nodeMax { return "[app] MaxViewers = \(nodeMax) is reached" }
        return nil
    }
}
