/// The log that a replica keeps of its verdicts, in the order in which its engine gave them, with how each hold ended and
/// what was charged without one. What a changed budget would have said is worked out from it.
///
/// To note a call writes some sixty bytes into memory that is there. Once a second what has come is written to the database
/// as a page. While that cannot be reached, pages wait in bounded memory, and the oldest are dropped.
package struct VerdictLog: Sendable {
    /// The first byte of each page.
    static let form: UInt8 = 1
    private static let pageBytes = 256 << 10
    /// How many bytes of pages wait at the most. A page of little content takes memory too.
    package static let maximumBytes = 32 << 20
    private static let bytesAPage = 256

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
        var bytes = waiting.reduce(0) { $0 + Self.bytes(of: $1) }
        var dropped = 0
        while bytes > Self.maximumBytes {
            bytes -= Self.bytes(of: waiting[dropped])
            dropped += 1
        }
        droppedCalls += waiting[..<dropped].reduce(0) { $0 + $1.callCount }
        waiting.removeFirst(dropped)
    }

    private static func bytes(of page: VerdictPage) -> Int {
        bytesAPage + page.content.count + page.users.reduce(0) { $0 + $1.utf8.count }
    }

    /// Whether pages wait besides those that were taken.
    package var hasMore: Bool { !waiting.isEmpty }

    /// Returns what was noted and not taken yet, the oldest first. The caller must write it or return it with `putBack`.
    ///
    /// - Parameter most: how many pages.
    package mutating func take(most: Int = .max) -> [VerdictPage] {
        seal()
        let taken = Array(waiting.prefix(most))
        waiting.removeFirst(taken.count)
        return taken
    }

    /// Takes back pages that could not be written.
    package mutating func putBack(_ lost: [VerdictPage]) {
        guard !lost.isEmpty else { return }
        waiting = (lost + waiting).sorted { $0.number < $1.number }
        dropOldest()
    }
}
