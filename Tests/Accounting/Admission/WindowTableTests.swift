import SeededRandom
import Testing

@testable import Accounting

@Suite("The book of accounts") struct WindowTableTests {
    private static func span(_ day: Int64) -> WindowSpan {
        WindowSpan(start: Timestamp(seconds: day * 86_400), end: Timestamp(seconds: (day + 1) * 86_400))
    }

    private static func account(_ windowID: Int64, _ budget: Int64, _ span: WindowSpan) -> WindowAccount {
        WindowAccount(
            windowID: windowID, key: WindowKey(budgetNumber: budget, span: span), limit: 0, spent: 0,
            deficit: 0, revision: 1, leasedElsewhere: 0)
    }

    @Test("finds windows by id, by time and by what is current, as a look at all of them would", arguments: seeds)
    func naive(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = WindowTable()
        var known: [Int64: WindowKey] = [:]
        for step in 1...Int64(2000) {
            let budget = Int.random(in: 0..<5, using: &random)
            let day = Int64.random(in: 0..<8, using: &random)
            let key = WindowKey(budgetNumber: Int64(budget), span: Self.span(day))
            if let id = known.first(where: { $0.value == key })?.key {
                #expect(book.windowID(of: key) == id, "seed \(seed), step \(step)")
                if random.chance(percent: 50) {
                    book.close(book.place(ofWindow: id)!)
                    known[id] = nil
                }
            } else {
                #expect(book.windowID(of: key) == nil, "seed \(seed), step \(step)")
                known[step] = key
                book.open(Self.account(step, Int64(budget), key.span))
            }
            let now = Timestamp(seconds: Int64.random(in: 0..<8, using: &random) * 86_400 + 5)
            let place = book.current(ofBudget: Int64(budget), indexedAt: budget, at: now)
            let own = known.filter { $0.value.budgetNumber == Int64(budget) }
            let current = own.first { $0.value.span.contains(now) }
            if let current, own.allSatisfy({ $0.value.span.start <= current.value.span.start }) {
                #expect(place.map { book[place: $0].windowID } == current.key, "seed \(seed), step \(step)")
            }
            if let place { #expect(book[place: place].span.end! > now, "seed \(seed), step \(step)") }
            #expect(Set(book.windowIDs) == Set(known.keys))
        }
    }

    @Test("keeps to the later window when the clock goes back over its beginning")
    func back() {
        var book = WindowTable()
        book.open(Self.account(1, 1, Self.span(0)))
        func current(_ seconds: Int64) -> Int64? {
            book.current(ofBudget: 1, indexedAt: 0, at: Timestamp(seconds: seconds)).map { book[place: $0].windowID }
        }
        #expect(current(86_399) == 1)
        #expect(current(86_400) == nil)
        book.open(Self.account(2, 1, Self.span(1)))
        #expect(current(86_400) == 2)
        #expect(current(86_399) == 2)
    }

    @Test("does not find a window that is known ahead before it begins")
    func ahead() {
        var book = WindowTable()
        func current(_ seconds: Int64) -> Int64? {
            book.current(ofBudget: 1, indexedAt: 0, at: Timestamp(seconds: seconds)).map { book[place: $0].windowID }
        }
        book.open(Self.account(2, 1, Self.span(1)))
        #expect(current(86_399) == nil)
        book.open(Self.account(1, 1, Self.span(0)))
        #expect(current(86_399) == 1)
        book.open(Self.account(3, 1, Self.span(2)))
        #expect([86_399, 86_400, 86_401, 172_799, 172_800].map(current) == [1, 2, 2, 2, 3])
    }
}
