import Accounting
import Postgres

/// What would become of events if they were recorded now, as far as their ids decide it. Nothing is written.
package enum RecordingTrial {
    package enum Outcome: Sendable {
        case new, conflict
        /// Of the entry, which is negative where an event before it in the list would get it.
        case duplicate(entryID: Int64)
    }

    package static func outcomes(of postings: [Posting], _ connection: Connection) throws -> [Outcome] {
        guard let wanted = BatchRead.keys(of: postings) else { return [] }
        var keys = ClaimedKeys(
            try BatchRead.decodeKeys(connection.query(wanted)), reserving: postings.count)
        return postings.enumerated().map { index, posting in
            // Stands for the id that the entry would get. No entry has a negative one.
            let entryID = Int64(-1 - index)
            let (key, claimed) = keys.find(posting, entryID: entryID)
            guard let claimed else {
                keys.claim(key, by: posting, entryID: entryID)
                return .new
            }
            return claimed.isSame(as: posting) ? .duplicate(entryID: claimed.receipt.entryID) : .conflict
        }
    }
}
