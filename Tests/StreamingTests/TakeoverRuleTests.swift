import Configuration
import Streaming
import Testing

@Suite struct TakeoverRuleTests {
    private let here = TakeoverRule.Party(kind: .tcp, host: "10.0.0.1", isProven: false)
    private let elsewhere = TakeoverRule.Party(kind: .tcp, host: "10.0.0.2", isProven: false)
    private let proven = TakeoverRule.Party(kind: .http, host: "10.0.0.3", isProven: true)
    private let datagrams = TakeoverRule.Party(kind: .udp, host: "10.0.0.1:5000", isProven: false)

    private func rule(_ policy: StreamPolicy.Takeover) -> TakeoverRule { TakeoverRule(policy: policy, holdMs: 1000) }

    @Test(arguments: [StreamPolicy.Takeover.auto, .takeover, .reject])
    func `anyone may have a stream that has no source, or a silent one`(policy: StreamPolicy.Takeover) {
        let rule = rule(policy)
        #expect(rule.refusal(of: elsewhere, current: nil, currentSilentMs: 0, nowMs: 0) == nil)
        #expect(rule.refusal(of: elsewhere, current: here, currentSilentMs: 2000, nowMs: 0) == nil)
    }

    @Test func `auto refuses a stranger while the source sends`() {
        #expect(rule(.auto).refusal(of: elsewhere, current: here, currentSilentMs: 1999, nowMs: 0) == .taken)
    }

    @Test func `auto lets the same host and whoever proved the secret take over`() {
        #expect(rule(.auto).refusal(of: here, current: here, currentSilentMs: 0, nowMs: 0) == nil)
        #expect(rule(.auto).refusal(of: proven, current: here, currentSilentMs: 0, nowMs: 0) == nil)
    }

    @Test func `takeover lets anyone, reject no one`() {
        #expect(rule(.takeover).refusal(of: elsewhere, current: here, currentSilentMs: 0, nowMs: 0) == nil)
        #expect(rule(.reject).refusal(of: proven, current: here, currentSilentMs: 0, nowMs: 0) == .taken)
        #expect(rule(.reject).refusal(of: here, current: here, currentSilentMs: 0, nowMs: 0) == .taken)
    }

    @Test(arguments: [StreamPolicy.Takeover.auto, .takeover])
    func `who has gone already evicts no one, and may have what is silent`(policy: StreamPolicy.Takeover) {
        let rule = rule(policy)
        #expect(rule.refusal(of: here, hasGone: true, current: here, currentSilentMs: 1999, nowMs: 0) == .late)
        #expect(rule.refusal(of: here, hasGone: true, current: here, currentSilentMs: 2000, nowMs: 0) == nil)
        #expect(rule.refusal(of: here, hasGone: true, current: nil, currentSilentMs: 0, nowMs: 0) == nil)
    }

    @Test func `a sender of datagrams holds the stream until it is silent for Hold, and evicts no one`() {
        let other = TakeoverRule.Party(kind: .udp, host: "10.0.0.1:5001", isProven: false)
        #expect(rule(.auto).refusal(of: other, current: datagrams, currentSilentMs: 999, nowMs: 0) == .taken)
        #expect(rule(.auto).refusal(of: other, current: datagrams, currentSilentMs: 1000, nowMs: 0) == nil)
        #expect(rule(.takeover).refusal(of: other, current: here, currentSilentMs: 0, nowMs: 0) == .taken)
    }

    @Test func `the third eviction within ten seconds is refused, and allowed again later`() {
        var rule = rule(.takeover)
        rule.sourceEvicted(nowMs: 0)
        #expect(rule.refusal(of: elsewhere, current: here, currentSilentMs: 0, nowMs: 3000) == nil)
        rule.sourceEvicted(nowMs: 3000)
        #expect(rule.refusal(of: elsewhere, current: here, currentSilentMs: 0, nowMs: 6000) == .twoEncoders)
        #expect(rule.refusal(of: elsewhere, current: here, currentSilentMs: 0, nowMs: 9999) == .twoEncoders)
        #expect(rule.refusal(of: elsewhere, current: here, currentSilentMs: 0, nowMs: 10_000) == nil)
    }
}
