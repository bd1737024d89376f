import Testing

@testable import Accounting

@Suite("A plan of grants") struct GrantPlanTests {
    private static func ask(_ alternatives: [(window: Int64, amount: Int64)]...) -> LeaseAsk {
        LeaseAsk(
            alternatives: alternatives.map { needs in
                needs.map { LeaseAsk.Need(windowID: $0.window, amount: $0.amount, holdSeconds: 60) }
            })
    }

    /// What a plan is made from, and what comes out.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let asks: [LeaseAsk]
        var free: [Int64: Int64] = [:]
        let available: [Int64: Int64]
        var headroom: [Int64: Int64] = [:]
        let grants: [Int64: Int64]
        let covered: [Int?]
    }

    static let cases: [Case] = [
        Case(
            testDescription: "what is asked, to the last nanodollar", asks: [ask([(1, 100)])], available: [1: 100],
            grants: [1: 100], covered: [0]),
        Case(
            testDescription: "nothing where it is short", asks: [ask([(1, 101)])], available: [1: 100], grants: [:],
            covered: [nil]),
        Case(
            testDescription: "only what is not free already", asks: [ask([(1, 100)])], free: [1: 70],
            available: [1: 50], grants: [1: 30], covered: [0]),
        Case(
            testDescription: "what is free once", asks: [ask([(1, 60)]), ask([(1, 60)])], free: [1: 70],
            available: [1: 50], grants: [1: 50], covered: [0, 0]),
        Case(
            testDescription: "in order, and a later smaller ask where an earlier one is too large",
            asks: [ask([(1, 60)]), ask([(1, 60)]), ask([(1, 40)])], available: [1: 100], grants: [1: 100],
            covered: [0, nil, 0]),
        Case(
            testDescription: "all windows of an ask or none", asks: [ask([(1, 50), (2, 50)])],
            available: [1: 100, 2: 49], grants: [:], covered: [nil]),
        Case(
            testDescription: "the first alternative that fits", asks: [ask([(1, 200)], [(1, 90), (2, 1)], [(1, 1)])],
            available: [1: 100, 2: 0], grants: [1: 1], covered: [2]),
        Case(
            testDescription: "out of an overrun window only what is free beyond the overrun, and what costs nothing",
            asks: [ask([(1, 1)]), ask([(2, 5)]), ask([(2, 5)]), ask([(1, 0)])], free: [2: 18],
            available: [1: -10, 2: -10], grants: [:], covered: [nil, 0, nil, 0]),
        Case(
            testDescription: "what is held above a lease too", asks: [ask([(1, 10)])], free: [1: -30],
            available: [1: 50], grants: [1: 40], covered: [0]),
        Case(
            testDescription: "nothing where what is held above a lease leaves too little", asks: [ask([(1, 21)])],
            free: [1: -30], available: [1: 50], grants: [:], covered: [nil]),
        Case(
            testDescription: "headroom up to a quarter of what needs leave", asks: [ask([(1, 20)])],
            available: [1: 100], headroom: [1: 1000], grants: [1: 40], covered: [0]),
        Case(
            testDescription: "no more headroom than is wanted", asks: [], available: [1: 100], headroom: [1: 7],
            grants: [1: 7], covered: []),
        Case(
            testDescription: "no headroom at the edge or over it", asks: [], available: [1: 3, 2: -100],
            headroom: [1: 50, 2: 50], grants: [:], covered: []),
    ]

    @Test("gives", arguments: cases) func table(_ row: Case) {
        let plan = GrantPlan(asks: row.asks, free: row.free, available: row.available, headroom: row.headroom)
        #expect(plan.grants == row.grants)
        #expect(plan.covered == row.covered)
    }

    @Test("notes the longest hold of each window among the asks it covers")
    func longestHold() {
        func need(_ window: Int64, _ amount: Int64, _ seconds: Int64) -> LeaseAsk {
            LeaseAsk(alternatives: [[LeaseAsk.Need(windowID: window, amount: amount, holdSeconds: seconds)]])
        }
        let plan = GrantPlan(
            asks: [need(1, 10, 60), need(1, 10, 900), need(1, 10, 30), need(1, 1000, 3600), need(2, 0, 5)], free: [:],
            available: [1: 100, 2: 0], headroom: [:])
        #expect(plan.longestHoldSeconds == [1: 900, 2: 5])
    }

    @Test("never grants more than there is, nor headroom beyond a quarter of what needs leave", arguments: seeds)
    func neverTooMuch(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var coveredCount = 0
        for run in 0..<2000 {
            let windows = Array(Int64(1)...Int64.random(in: 1...4, using: &random))
            let size: Int64 = random.pick([10, 1000, 1_000_000_000_000])
            func amounts(_ range: ClosedRange<Int64>) -> [Int64: Int64] {
                Dictionary(uniqueKeysWithValues: windows.map { ($0, Int64.random(in: range, using: &random)) })
            }
            let free = amounts(0...size)
            let available = amounts(-size...size * 4)
            let headroom = random.chance(50) ? amounts(0...size * 2) : [:]
            let asks = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                LeaseAsk(
                    alternatives: (0..<Int.random(in: 1...3, using: &random)).map { _ in
                        windows.filter { _ in random.chance(60) }.map {
                            LeaseAsk.Need(
                                windowID: $0, amount: Int64.random(in: 0...size * 2, using: &random), holdSeconds: 60)
                        }
                    })
            }
            let bare = GrantPlan(asks: asks, free: free, available: available, headroom: [:])
            let plan = GrantPlan(asks: asks, free: free, available: available, headroom: headroom)
            #expect(plan.covered == bare.covered)
            // Needs are met out of what is free and what is granted, in order.
            var taken: [Int64: Int64] = [:]
            for (ask, index) in zip(asks, plan.covered) {
                for (position, needs) in ask.alternatives.enumerated() {
                    let fits = needs.allSatisfy {
                        $0.amount == 0
                            || taken[$0.windowID, default: 0] + $0.amount
                                <= free[$0.windowID]! + available[$0.windowID]!
                    }
                    #expect(position != index || fits, "seed \(seed), run \(run)")
                    #expect(
                        position >= index ?? .max || !fits, "seed \(seed), run \(run): a better one was passed over")
                }
                guard let index else { continue }
                coveredCount += 1
                for need in ask.alternatives[index] { taken[need.windowID, default: 0] += need.amount }
            }
            for window in windows {
                let granted = plan.grants[window] ?? 0
                let needed = max(0, (taken[window] ?? 0) - free[window]!)
                let left = max(0, available[window]! - needed)
                #expect((bare.grants[window] ?? 0) == needed, "seed \(seed), run \(run)")
                #expect(granted <= max(0, available[window]!), "seed \(seed), run \(run)")
                #expect(granted - needed == min(headroom[window] ?? 0, left / 4), "seed \(seed), run \(run)")
            }
        }
        #expect(coveredCount > 1000)
    }
}
