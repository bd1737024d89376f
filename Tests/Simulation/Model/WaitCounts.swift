/// How many calls waited how long for their verdict, in milliseconds.
package struct WaitCounts: Hashable, Sendable {
    private var calls: [Int64: Int] = [:]
    /// How many had their verdict at once, from memory.
    package private(set) var atOnce = 0

    mutating func add(microseconds: Int64) {
        if microseconds == 0 { atOnce += 1 } else { calls[microseconds / 1_000, default: 0] += 1 }
    }

    mutating func add(_ others: WaitCounts) {
        atOnce += others.atOnce
        calls.merge(others.calls, uniquingKeysWith: +)
    }

    package var waited: Int { calls.values.reduce(0, +) }

    /// So long, in milliseconds, a share of those calls that waited waited at most.
    package func milliseconds(atPermille share: Int) -> Int64 {
        var rest = (waited * share + 999) / 1_000
        for (milliseconds, count) in calls.sorted(by: { $0.key < $1.key }) {
            rest -= count
            if rest <= 0 { return milliseconds }
        }
        return 0
    }
}
