import Configuration

/// Whether one more viewer may come in: `MaxViewers` of the door and of the node. Children are no viewers.
struct ViewerLimit {
    let section: String
    let doorMax: Int?
    let nodeMax: Int

    init(door: ViewerConfiguration, node: AppConfiguration) {
        section = door.section
        doorMax = door.viewersMax
        nodeMax = node.viewersMax
    }

    /// Why not; nil when there is room.
    func refusal(atDoor: Int, atNode: Int) -> String? {
        if let doorMax, atDoor >= doorMax { return "[\(section)] MaxViewers = \(doorMax) is reached" }
        if atNode >= nodeMax { return "[app] MaxViewers = \(nodeMax) is reached" }
        return nil
    }
}
