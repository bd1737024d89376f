import SeededRandom
import Testing

@testable import Accounting

@Suite("The rows of one place in the price book") struct PriceSupersessionTests {
    @Test("are in force in spans that say what holds at every moment", arguments: seeds)
    func spans(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let rows = (0..<Int.random(in: 1...6, using: &random)).map { id in
                let from = Int64.random(in: 0...20, using: &random)
                let until = random.chance(percent: 50) ? from + Int64.random(in: 1...10, using: &random) : nil
                return Price.of(.input, Int64(id), id: Int64(id), from: from, until: until)
            }
            var supersession = PriceSupersession.all(of: rows).values.first!
            let spans = supersession.spans
            for moment in (0...32).map({ Timestamp(seconds: $0) }) {
                let inForce = spans.filter { $0.from <= moment && ($0.until.map { moment < $0 } ?? true) }
                let expected = supersession.price(at: moment).map { [$0.id] } ?? []
                #expect(inForce.map(\.price.id) == expected, "\(rows)")
            }
            for (span, next) in zip(spans, spans.dropFirst()) {
                #expect(span.until! <= next.from, "\(rows)")
                #expect(span.until! < next.from || span.price.id != next.price.id, "\(rows)")
            }
        }
    }
}
