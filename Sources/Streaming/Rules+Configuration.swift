package import Configuration
package import Fanout

extension LagRule {
    package init(_ limit: LagLimit) {
        self.init(msMax: limit.time.milliseconds, bytesMax: Int64(limit.bytes))
    }
}

extension StartRule {
    /// - Parameter gopBytes: the stream's own limit, where the door sets none.
    package init(_ policy: StartPolicy, gopBytes: Int) {
        switch policy.point {
        case .gop: self = .gop(bytesMax: min(policy.bytesMax ?? gopBytes, gopBytes))
        case .live: self = .live
        case .raw: self = .raw
        }
    }
}
