/// The log that a replica keeps of its verdicts, in the order in which its engine gave them, with how each hold ended and
/// what was charged without one. What a changed budget would have said is worked out from it.
///
/// To note a call writes some sixty bytes into memory that is there. Once a second what has come is written to the database
/// as a page. While that cannot be reached, pages wait in bounded memory, and the oldest are dropped.
package struct VerdictLog: Sendable {
    /// The first byte of each page.
    static let form: UInt8 = 1
    private static let pageBytes = 256 << 10
    /// How many pages wait at the most.
    package static let maximumPages = 128

    package let replicaID: Int64
    /// Whether anything is noted. A replica notes nothing unless it is told to.
    package var isOn = false
    /// How many calls were dropped with pages for which there was no room.
    package private(set) var droppedCalls: Int64 = 0

    private var nextNumber: Int64 = 1
    private var waiting: [VerdictPage] = []
    var page = OpenPage()

    package init(replicaID: Int64) { self.replicaID = replicaID }

    /// The log of a replica that registers again: what it has noted so far is of its former id.
    func startingAnew(as replicaID: Int64) -> VerdictLog {
        var former = self
        former.seal()
        var log = VerdictLog(replicaID: replicaID)
        (log.isOn, log.droppedCalls, log.nextNumber) = (isOn, droppedCalls, former.nextNumber)
        log.waiting = former.waiting
        return log
    }

    mutating func sealIfFull() {
        if page.used >= Self.pageBytes { seal() }
    }

    private mutating func seal() {
        guard page.used > 0 else { return }
        waiting.append(
            VerdictPage(
                replicaID: replicaID, number: nextNumber, first: page.first, last: page.latest,
                callCount: page.callCount,
                users: page.users.names, content: Array(page.bytes[..<page.used])))
        nextNumber += 1
        page = OpenPage(bytes: page.bytes)
        dropOldest()
    }

    private mutating func dropOldest() {
        guard waiting.count > Self.maximumPages else { return }
        let dropped = waiting.count - Self.maximumPages
        droppedCalls += waiting[..<dropped].reduce(0) { $0 + $1.callCount }
        waiting.removeFirst(dropped)
    }

    /// Returns what was noted since the last call of this method. The caller must write it or return it with `putBack`.
    package mutating func take() -> [VerdictPage] {
        seal()
        defer { waiting = [] }
        return waiting
    }

    /// Takes back pages that could not be written.
    package mutating func putBack(_ lost: [VerdictPage]) {
        guard !lost.isEmpty else { return }
        waiting = (lost + waiting).sorted { $0.number < $1.number }
        dropOldest()
    }
}
