/// A part of a replica's verdict log, as it is stored: records of calls and of what came of them, in the engine's order.
///
/// Users are listed beside the records, which name them by their place in the list. So a page is stored with the numbers that
/// they have in the ledger, and a name that is erased there is in no page either.
package struct VerdictPage: Sendable {
    /// The replica that gave the verdicts.
    package let replicaID: Int64
    /// Counts up within a start of a server.
    package let number: Int64
    package let first: Timestamp
    package let last: Timestamp
    package let callCount: Int64
    package let users: [String]
    package let content: [UInt8]
}

/// What a replica has noted of its verdicts and not written yet: how many there were of each kind, and its log.
package struct VerdictNotes: Sendable {
    package var counts: [VerdictCount]
    package var pages: [VerdictPage]

    package init(counts: [VerdictCount] = [], pages: [VerdictPage] = []) {
        self.counts = counts
        self.pages = pages
    }

    package var isEmpty: Bool { counts.isEmpty && pages.isEmpty }
    package var count: Int { counts.count + pages.count }

    /// The two halves of the notes, so that what PostgreSQL refuses of them fails alone in the end.
    package var halves: (VerdictNotes, VerdictNotes) {
        if !counts.isEmpty, !pages.isEmpty { return (VerdictNotes(counts: counts), VerdictNotes(pages: pages)) }
        let (count, page) = (counts.count / 2, pages.count / 2)
        return (
            VerdictNotes(counts: Array(counts[..<count]), pages: Array(pages[..<page])),
            VerdictNotes(counts: Array(counts[count...]), pages: Array(pages[page...]))
        )
    }

    package static func += (notes: inout VerdictNotes, others: VerdictNotes) {
        notes.counts += others.counts
        notes.pages += others.pages
    }
}
