import SeededRandom
import Testing

@testable import Accounting

@Suite("A plan of grants") struct AllocationTests {
    private static func ask(_ alternatives: [(window: Int64, amount: Int64)]...) -> LeaseAsk {
        LeaseAsk(
            alternatives: alternatives.map { needs in
                needs.map { LeaseAsk.Need(windowID: $0.window, amount: $0.amount, holdSeconds: 60) }
            })
    }

    /// Window rows with limits of 1,000, of which `available` is left.
    private static func rows(_ available: [Int64: Int64]) -> [WindowFacts] {
        available.map { window, left in row(window, spent: 1000 - left) }
    }

    private static func row(
        _ window: Int64, spent: Int64, byLive: Int64 = 0, revocation: Int64 = 0, isRevocationUnderWay: Bool = false
    ) -> WindowFacts {
        WindowFacts(
            windowID: window,
            key: WindowKey(budgetNumber: window, span: WindowSpan(start: EngineFixture.start, end: nil)), limit: 1000,
            spent: spent, leased: byLive, leasedHere: 0, revocation: revocation,
            isRevocationUnderWay: isRevocationUnderWay, revision: 1)
    }

    private static func snapshot(_ free: [Int64: Int64], _ headroom: [Int64: Int64]) -> AdmissionEngine.LeaseSnapshot {
        var snapshot = AdmissionEngine.LeaseSnapshot()
        (snapshot.free, snapshot.headroom) = (free, headroom)
        return snapshot
    }

    /// The input of an allocation, and the expected result.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let asks: [LeaseAsk]
        var free: [Int64: Int64] = [:]
        let available: [Int64: Int64]
        var headroom: [Int64: Int64] = [:]
        let grants: [Int64: Int64]
        let answers: [Allocation.Answer]
    }

    static let cases: [Case] = [
        Case(
            testDescription: "what is asked, to the last nanodollar", asks: [ask([(1, 100)])], available: [1: 100],
            grants: [1: 100], answers: [.covered(0)]),
        Case(
            testDescription: "nothing where it is short", asks: [ask([(1, 101)])], available: [1: 100], grants: [:],
            answers: [.short]),
        Case(
            testDescription: "only what is not free already", asks: [ask([(1, 100)])], free: [1: 70],
            available: [1: 50], grants: [1: 30], answers: [.covered(0)]),
        Case(
            testDescription: "what is free once", asks: [ask([(1, 60)]), ask([(1, 60)])], free: [1: 70],
            available: [1: 50], grants: [1: 50], answers: [.covered(0), .covered(0)]),
        Case(
            testDescription: "in order, and a later smaller ask where an earlier one is too large",
            asks: [ask([(1, 60)]), ask([(1, 60)]), ask([(1, 40)])], available: [1: 100], grants: [1: 100],
            answers: [.covered(0), .short, .covered(0)]),
        Case(
            testDescription: "all windows of an ask or none", asks: [ask([(1, 50), (2, 50)])],
            available: [1: 100, 2: 49], grants: [:], answers: [.short]),
        Case(
            testDescription: "the first alternative that fits", asks: [ask([(1, 200)], [(1, 90), (2, 1)], [(1, 1)])],
            available: [1: 100, 2: 0], grants: [1: 1], answers: [.covered(2)]),
        Case(
            testDescription: "out of an overrun window only what is free beyond the overrun, and what costs nothing",
            asks: [ask([(1, 1)]), ask([(2, 5)]), ask([(2, 5)]), ask([(1, 0)])], free: [2: 18],
            available: [1: -10, 2: -10], grants: [:], answers: [.short, .covered(0), .short, .covered(0)]),
        Case(
            testDescription: "what is held above a lease too", asks: [ask([(1, 10)])], free: [1: -30],
            available: [1: 50], grants: [1: 40], answers: [.covered(0)]),
        Case(
            testDescription: "nothing where what is held above a lease leaves too little", asks: [ask([(1, 21)])],
            free: [1: -30], available: [1: 50], grants: [:], answers: [.short]),
        Case(
            testDescription: "headroom up to a quarter of what needs leave", asks: [ask([(1, 20)])],
            available: [1: 100], headroom: [1: 1000], grants: [1: 40], answers: [.covered(0)]),
        Case(
            testDescription: "no more headroom than is wanted", asks: [], available: [1: 100], headroom: [1: 7],
            grants: [1: 7], answers: []),
        Case(
            testDescription: "no headroom at the edge or over it", asks: [], available: [1: 3, 2: -100],
            headroom: [1: 50, 2: 50], grants: [:], answers: []),
    ]

    @Test("gives", arguments: cases) func table(_ row: Case) {
        let plan = Allocation(
            asks: row.asks, windows: Self.rows(row.available), snapshot: Self.snapshot(row.free, row.headroom))
        #expect(plan.grants == row.grants)
        #expect(plan.answers == row.answers)
        #expect(plan.revoked.isEmpty)
    }

    @Test("notes the longest hold of each window among the asks it covers")
    func longestHold() {
        func need(_ window: Int64, _ amount: Int64, _ seconds: Int64) -> LeaseAsk {
            LeaseAsk(alternatives: [[LeaseAsk.Need(windowID: window, amount: amount, holdSeconds: seconds)]])
        }
        let plan = Allocation(
            asks: [need(1, 10, 60), need(1, 10, 900), need(1, 10, 30), need(1, 1000, 3600), need(2, 0, 5)],
            windows: Self.rows([1: 100, 2: 0]), snapshot: AdmissionEngine.LeaseSnapshot())
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
            let headroom = random.chance(percent: 50) ? amounts(0...size * 2) : [:]
            let asks = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                LeaseAsk(
                    alternatives: (0..<Int.random(in: 1...3, using: &random)).map { _ in
                        windows.filter { _ in random.chance(percent: 60) }.map {
                            LeaseAsk.Need(
                                windowID: $0, amount: Int64.random(in: 0...size * 2, using: &random), holdSeconds: 60)
                        }
                    })
            }
            let bare = Allocation(asks: asks, windows: Self.rows(available), snapshot: Self.snapshot(free, [:]))
            let plan = Allocation(asks: asks, windows: Self.rows(available), snapshot: Self.snapshot(free, headroom))
            #expect(plan.answers == bare.answers)
            // Asks are covered in order, out of the money free in the lease and the money available for grants.
            var taken: [Int64: Int64] = [:]
            for (ask, answer) in zip(asks, plan.answers) {
                let index: Int? = if case .covered(let index) = answer { index } else { nil }
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

    // MARK: Revocation

    private static let need = ask([(1, 100)])

    private static func plan(
        _ asks: [LeaseAsk], _ row: WindowFacts, headroom: Int64 = 0, givenBack: Int64 = 0
    ) -> Allocation {
        var snapshot = snapshot([1: 0], [1: headroom])
        snapshot.givenBack = givenBack > 0 ? [1: givenBack] : [:]
        return Allocation(asks: asks, windows: [row], snapshot: snapshot)
    }

    @Test("calls back what others may have idle before it turns an ask down, once for all that wait")
    func revocation() {
        let plan = Self.plan([Self.need, Self.need], Self.row(1, spent: 850, byLive: 100, revocation: 6), headroom: 50)
        #expect(plan.answers == [.waits([1: 7]), .waits([1: 7])])
        #expect(plan.revoked == [1])
        #expect(plan.grants == [:])
    }

    @Test("waits for a revocation under way and then for one of its own, and gives no headroom meanwhile")
    func revocationUnderWay() {
        let underWay = Self.row(1, spent: 850, byLive: 100, revocation: 7, isRevocationUnderWay: true)
        let late = Self.plan([Self.need, Self.ask([(1, 10)])], underWay, headroom: 50)
        #expect(late.answers == [.waits([1: 8]), .covered(0)])
        #expect(late.revoked.isEmpty)
        #expect(late.grants == [1: 10])
        var waiting = Self.need
        waiting.revocations = [1: 8]
        let own = Self.plan([waiting], Self.row(1, spent: 850, byLive: 100, revocation: 7))
        #expect(own.answers == [.waits([1: 8])])
        #expect(own.revoked == [1])
    }

    @Test(
        "turns an ask down once its revocation is answered, also while a later one is under way",
        arguments: [false, true])
    func revocationAnswered(isLaterUnderWay: Bool) {
        var waiting = Self.need
        waiting.revocations = [1: 7]
        let row = Self.row(
            1, spent: 850, byLive: 100, revocation: isLaterUnderWay ? 8 : 7, isRevocationUnderWay: isLaterUnderWay)
        #expect(Self.plan([waiting], row).answers == [.short])
        waiting.revocations = [1: 7]
        let open = Self.row(1, spent: 850, byLive: 100, revocation: 7, isRevocationUnderWay: true)
        #expect(Self.plan([waiting], open).answers == [.waits([1: 7])])
    }

    @Test("calls nothing back that would not help, nor for an alternative below one that is covered")
    func noRevocation() {
        #expect(Self.plan([Self.need], Self.row(1, spent: 950, byLive: 49)).answers == [.short])
        let ladder = Self.ask([(1, 100)], [(1, 20)])
        let row = Self.row(1, spent: 850, byLive: 100)
        #expect(Self.plan([ladder], row).answers == [.waits([1: 1])])
        #expect(Self.plan([Self.ask([(1, 20)], [(1, 100)])], row).answers == [.covered(0)])
        var revoked = ladder
        revoked.revocations = [1: 1]
        let answered = Self.row(1, spent: 850, byLive: 100, revocation: 1)
        #expect(Self.plan([revoked], answered).answers == [.covered(1)])
    }

    @Test("gives what this replica gives back to its own asks first")
    func givenBack() {
        let row = WindowFacts(
            windowID: 1, key: Self.row(1, spent: 0).key, limit: 1000, spent: 900, leased: 100, leasedHere: 100,
            revision: 1)
        let plan = Self.plan([Self.ask([(1, 60)])], row, givenBack: 80)
        #expect(plan.answers == [.covered(0)])
        #expect(plan.grants == [1: 60])
    }
}
