import SeededRandom
import Testing

@testable import Accounting

@Suite("The table of open holds") struct HoldTableTests {
    private static func open(_ number: Int64, _ requestID: String, expiresAt: Timestamp, windows: [Int64] = [])
        -> OpenHold
    {
        let hold = Hold(
            id: HoldID(replicaID: 1, number: number), requestID: requestID, who: Attribution(team: "t"),
            requestedModel: "m", model: .test, tier: .standard, estimate: .zero, authorizedAt: Timestamp(seconds: 0),
            expiresAt: expiresAt,
            charges: windows.map { Hold.Charge(windowID: $0, budgetNumber: 1, amount: 1, isLeased: true) })
        let verdict = Verdict(
            kind: .admit, requestID: requestID, model: .test, estimate: .zero, hold: hold, expiresAt: expiresAt,
            reason: nil, budgets: [], warnings: [])
        return OpenHold(
            hold: hold, verdict: verdict, expiresAt: expiresAt, fingerprint: 0,
            requestHash: call(requestID).requestHash)
    }

    private static func call(_ requestID: String) -> Call {
        Call(requestID: requestID, who: Attribution(team: "t"), model: "m", inputTokens: 1)
    }

    /// The clock stands still, jumps ahead for hours, and goes back.
    @Test("says what is due as a look at every hold would, whatever the clock does", arguments: seeds)
    func due(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = HoldTable()
        var dueSeconds: [Int64: Int64] = [:]
        var now = Timestamp(microseconds: 1_000_000_500_000)
        var found = 0
        for number in 1...4000 {
            now = now.adding(seconds: random.pick([0, 0, 1, 1, 2, 700, 5000, -3, -6000]))
            now.microseconds += Int64.random(in: 0..<1_000_000, using: &random)
            let expiresAt = now.adding(seconds: random.pick([1, 2, 60, 600, 3600]))
            book.add(Self.open(Int64(number), "r\(number)", expiresAt: expiresAt))
            dueSeconds[Int64(number)] = expiresAt.adding(seconds: 1).microseconds.flooredQuotient(dividingBy: 1_000_000)
            if expiresAt.microseconds % 1_000_000 == 0 { dueSeconds[Int64(number)] = expiresAt.seconds }
            if random.chance(percent: 30), let ended = dueSeconds.keys.sorted().randomElement(using: &random) {
                #expect(book.remove(book.place(ofNumber: ended)!).hold.id.number == ended)
                dueSeconds[ended] = nil
            }
            guard random.chance(percent: 40) else { continue }
            let expected = Set(dueSeconds.filter { $0.value <= now.seconds }.keys)
            var taken: Set<Int64> = []
            let retry = now.adding(seconds: 1)
            while let place = book.firstDue(by: now) {
                book.postpone(place, until: retry)
                taken.insert(book[place].hold.id.number)
                dueSeconds[book[place].hold.id.number] = retry.seconds + (retry.microseconds % 1_000_000 == 0 ? 0 : 1)
            }
            #expect(taken == expected, "seed \(seed), hold \(number)")
            found += taken.count
            // A postponed hold is not due again at once.
            #expect(book.firstDue(by: now) == nil)
        }
        #expect(book.count == dueSeconds.count)
        #expect(found > 500)
    }

    @Test("tells when the next of them expires that charges a window, whichever others expire before")
    func next() {
        var book = HoldTable()
        #expect(book.nextExpiry(inWindow: 1) == nil)
        book.add(Self.open(1, "a", expiresAt: Timestamp(seconds: 900), windows: [2, 1]))
        book.add(Self.open(2, "b", expiresAt: Timestamp(seconds: 300), windows: [1]))
        for number in 3...40 {
            book.add(Self.open(Int64(number), "c\(number)", expiresAt: Timestamp(seconds: 60), windows: [3]))
        }
        #expect(book.nextExpiry(inWindow: 1) == Timestamp(seconds: 300))
        #expect(book.nextExpiry(inWindow: 2) == Timestamp(seconds: 900))
        #expect(book.nextExpiry(inWindow: 4) == nil)
        _ = book.remove(book.place(ofNumber: 2)!)
        #expect(book.nextExpiry(inWindow: 1) == Timestamp(seconds: 900))
    }

    @Test("tells of a window's holds behind very many others when at least those have expired")
    func crowded() {
        var book = HoldTable()
        for number in 1...2_000 {
            book.add(Self.open(Int64(number), "c\(number)", expiresAt: Timestamp(seconds: 100 + Int64(number))))
        }
        book.add(Self.open(3_000, "last", expiresAt: Timestamp(seconds: 3_000), windows: [1]))
        let told = book.nextExpiry(inWindow: 1)
        #expect(told.map { $0 > Timestamp(seconds: 600) && $0 < Timestamp(seconds: 3_000) } == true)
    }

    @Test(
        "finds the hold that was made last for a request", arguments: [[1, 2, 3], [3, 2, 1], [2, 1, 3], [2, 3, 1]])
    func requests(order: [Int64]) {
        var book = HoldTable()
        for number in 1...Int64(3) {
            book.add(Self.open(number, "r", expiresAt: Timestamp(seconds: number)))
            book.add(Self.open(number + 10, "other\(number)", expiresAt: Timestamp(seconds: number)))
        }
        func last() -> Int64? {
            book.place(of: Self.call("r"), requestHash: Self.call("r").requestHash).map { book[$0].hold.id.number }
        }
        var left: Set<Int64> = [1, 2, 3]
        for number in order {
            #expect(last() == left.max())
            _ = book.remove(book.place(ofNumber: number)!)
            left.remove(number)
        }
        #expect(last() == nil)
        #expect(book.count == 3)
    }
}
