import Configuration
import Streaming
import Telemetry
import TransportStream

/// The document of `GET /<app>/<stream>.json`: what the player page and scripts need to know of a stream.
struct StatusDocument {
    let status: StreamStatus
    let push: PushPorts
    let hasPlayerScript: Bool
    let nodeTimeMs: Int64
    /// Of the viewer that asked for itself by its token.
    let viewer: DoorShare.Figures?

    var text: String {
        var json = JSONWriter()
        json.object {
            $0.field("stream", status.id.description)
            $0.field("state", status.state.rawValue)
            $0.field("since", status.sinceMs)
            appendPublisher(&$0)
            appendMedia(&$0)
            $0.field("viewers", status.viewers)
            $0.field("children", status.children)
            $0.object("drops") {
                $0.field("pictures", status.picturesDropped)
                $0.field("packets", status.packetsDropped)
                $0.field("skippedPictures", status.picturesSkipped)
            }
            $0.object("errors") {
                $0.field("continuity", status.continuityErrors)
                $0.field("transport", status.transportErrors)
                $0.field("refusedPublishers", status.publishersRefused)
            }
            $0.field("sourceChanges", status.sourceChanges)
            $0.field("headPosition", status.packets)
            $0.field("nodeTimeMs", nodeTimeMs)
            $0.object("player") { $0.field("jsmpeg", hasPlayerScript) }
            if let viewer {
                $0.object("viewer") {
                    $0.field("skippedPictures", viewer.skippedPictures)
                    $0.field("lagMs", viewer.lagMs)
                }
            } else {
                $0.null("viewer")
            }
            $0.object("push") {
                StatusDocument.append(port: push.tcp, "tcp", to: &$0)
                StatusDocument.append(port: push.udp, "udp", to: &$0)
                StatusDocument.append(port: push.http, "http", to: &$0)
            }
        }
        return json.text
    }

    private func appendPublisher(_ json: inout JSONWriter) {
        guard let publisher = status.publisher else { return json.null("publisher") }
        // The sender's address is not for everyone who may watch.
        json.object("publisher") {
            $0.field("from", publisher.kind.rawValue)
            $0.field("connectedMs", publisher.connectedMs)
            $0.field("kbps", status.kbps)
        }
    }

    private func appendMedia(_ json: inout JSONWriter) {
        let info = status.info
        json.object("video") {
            $0.field("codec", StatusDocument.word(for: info.videoCodec))
            StatusDocument.append(info.width, "width", to: &$0)
            StatusDocument.append(info.height, "height", to: &$0)
            $0.field("fps", info.frameRate)
            $0.field("gopPictures", info.gopPictures)
            $0.field("gopMs", info.gopTicks / 90)
        }
        json.array("audio", info.audioCodecs) { $0.field("codec", StatusDocument.word(for: $1)) }
        json.field("programs", info.programs)
        json.field("scrambled", info.isScrambled)
        json.field("fieldsInsidePictures", info.hasFieldsInsidePictures)
    }

    private static func append(port: UInt16?, _ name: String, to json: inout JSONWriter) {
        if let port { json.field(name, port) } else { json.null(name) }
    }

    private static func append(_ number: Int?, _ name: String, to json: inout JSONWriter) {
        if let number { json.field(name, number) } else { json.null(name) }
    }

    private static func word(for codec: VideoCodec) -> String {
        switch codec {
        case .mpeg1: "mpeg1"
        case .mpeg2: "mpeg2"
        case .h264: "h264"
        case .hevc: "hevc"
        case .other: "other"
        case .none: "none"
        case .unknown: "unknown"
        }
    }

    private static func word(for codec: AudioCodec) -> String {
        switch codec {
        case .mp2: "mp2"
        case .aac, .aacLATM: "aac"
        case .ac3: "ac3"
        case .eac3: "eac3"
        case .dts: "dts"
        case .opus: "opus"
        case .other: "other"
        }
    }
}
