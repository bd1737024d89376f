import SeededRandom
import Testing

@testable import Accounting

@Suite("The changes of a model's prices") struct PriceWeekTests {
    private func changes(_ model: ModelPrices, after start: Timestamp, through end: Timestamp) -> [Timestamp] {
        var changes: Set<Timestamp> = []
        model.forEachChange(after: start, through: end) { changes.insert($0) }
        return changes.sorted()
    }

    @Test(
        "are after a moment and up to another",
        arguments: [
            (0, 99, []), (0, 100, [100]), (99, 100, [100]), (100, 199, []), (100, 900, [200, 300]), (-50, 99, [0]),
            (300, 100_000, []),
        ] as [(Int64, Int64, [Int64])])
    func dates(start: Int64, end: Int64, changes expected: [Int64]) {
        let model = ModelPrices([
            .of(.input, 1, id: 1), .of(.input, 2, id: 2, from: 100, until: 200), .of(.input, 3, id: 3, from: 300),
            // Row 3 supersedes this row, so its end is no change.
            .of(.input, 3, id: 0, from: 300, until: 301),
        ])
        let found = changes(model, after: Timestamp(seconds: start), through: Timestamp(seconds: end))
        #expect(found.map(\.seconds) == expected)
    }

    @Test("are every change of the week's hours, and nothing changes between them", arguments: seeds)
    func week(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var changed = 0
        for _ in 0..<20 {
            let hours = (0..<Int.random(in: 0...3, using: &random)).map { _ in WeeklyHours.random(using: &random) }
            let model = ModelPrices(
                [.of(.input, 1, id: 1)] + hours.enumerated().map { .of(.input, 2, id: Int64($0) + 2, hours: $1) })
            // Half of the starts are just before a Monday, the others anywhere, also before 1970.
            let start = Timestamp(
                microseconds: random.chance(percent: 50)
                    ? Timestamp(rfc3339: "2026-11-22T23:30:00Z")!.microseconds
                    : Int64.random(in: -1_000_000...1_000_000, using: &random) * 1_000_000 + 1)
            let minutes = Int64.random(in: 0...11_000, using: &random)
            let found = Set(changes(model, after: start, through: start.adding(seconds: minutes * 60)))
            #expect(found.allSatisfy { $0 > start && $0 <= start.adding(seconds: minutes * 60) })
            func inForce(_ moment: Timestamp) -> [Bool] { hours.map { $0.contains(moment) } }
            let first = start.seconds.flooredQuotient(dividingBy: 60) * 60 + 60
            for seconds in stride(from: first, through: start.adding(seconds: minutes * 60).seconds, by: 60) {
                let moment = Timestamp(seconds: seconds)
                if inForce(moment) != inForce(moment.adding(seconds: -1)) {
                    #expect(found.contains(moment), "seed \(seed): \(hours) at \(moment)")
                    changed += 1
                }
            }
        }
        #expect(changed > 50)
    }
}
