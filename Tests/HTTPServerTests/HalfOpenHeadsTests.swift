import Testing

@testable import HTTPServer

@Suite struct HalfOpenHeadsTests {
    private func expect<Value: Equatable>(
        _ heads: inout HalfOpenHeads<Value>, _ wanted: Value?, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let oldest = heads.oldest
        #expect(oldest == wanted, sourceLocation: sourceLocation)
    }

    @Test func `the oldest is the first that is still here`() {
        var heads = HalfOpenHeads<String>()
        expect(&heads, nil)
        let tickets = ["a", "b", "c", "d"].map { heads.insert($0) }
        expect(&heads, "a")
        heads.remove(tickets[2])
        heads.remove(tickets[0])
        expect(&heads, "b")
        heads.remove(tickets[1])
        heads.remove(tickets[1])
        expect(&heads, "d")
        #expect(heads.count == 1)
        heads.remove(tickets[3])
        expect(&heads, nil)
        _ = heads.insert("e")
        expect(&heads, "e")
    }

    @Test func `whoever comes and goes, it is as a list would say`() {
        var random = SystemRandomNumberGenerator()
        var heads = HalfOpenHeads<Int>()
        var list: [(ticket: UInt64, number: Int)] = []
        for number in 0..<2000 {
            if !list.isEmpty, Bool.random(using: &random) {
                heads.remove(list.remove(at: Int.random(in: list.indices, using: &random)).ticket)
            } else {
                list.append((heads.insert(number), number))
            }
            if number % 3 == 0 { expect(&heads, list.first?.number) }
            #expect(heads.count == list.count)
        }
    }
}
