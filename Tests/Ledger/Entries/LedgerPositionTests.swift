import Testing

@testable import Ledger

@Suite struct LedgerPositionTests {
    @Test(
        "a position is read as it was written",
        arguments: [
            LedgerPosition(wholeThrough: 0, lastEntries: [:]),
            LedgerPosition(wholeThrough: 7, lastEntries: [3: EntryID.first(of: 3) - 1, 9: EntryID.last(of: 9)]),
            LedgerPosition(
                wholeThrough: EntryID.maximumReplica,
                lastEntries: [
                    1: EntryID.first(of: 1), EntryID.maximumReplica: EntryID.last(of: EntryID.maximumReplica),
                ]),
        ])
    func roundTrip(position: LedgerPosition) { #expect(LedgerPosition(text: position.text) == position) }

    @Test("three hundred servers fit into the address of a request")
    func length() {
        let replicas = (1...300).map { Int64($0) * 3 + 1_000 }
        let position = LedgerPosition(
            wholeThrough: 900,
            lastEntries: Dictionary(uniqueKeysWithValues: replicas.map { ($0, EntryID.first(of: $0) + 100_000_000) }))
        #expect(position.text.utf8.count < 4_000)
    }

    @Test("the id of an entry stands for its replica and those after it")
    func entryID() {
        let id = EntryID.first(of: 5) + 41
        #expect(LedgerPosition(text: String(id)) == LedgerPosition(wholeThrough: 4, lastEntries: [5: id]))
    }

    @Test(
        "what is no position is not read",
        arguments: [
            "", "x", "p", "-1", "p.", "p1.2", "p1.0.1", "p-1", "p1.1.-1", "p1.+1.1", "p1.2.3.4", "p1,2,3", "P1",
            "p1.\(String(Int64.max, radix: 36)).1", "p1.1.\(String(EntryID.maximumNumber + 1, radix: 36))",
            "9223372036854775808", "p" + String(repeating: "1", count: 20_000),
        ])
    func junk(text: String) { #expect(LedgerPosition(text: text) == nil) }
}
