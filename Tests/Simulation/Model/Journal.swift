import Accounting
import Ledger

/// What the clients know: every answer they got.
final class Journal {
    struct Admitted {
        let hold: Hold
        /// In microseconds of the run, in true time. The money must be there until then.
        let expiresAtMicroseconds: Int64
    }

    /// All holds that were ever admitted.
    var promised: [HoldID: Hold] = [:]
    /// The acknowledged receipts, by the owner and id of the entry.
    var acknowledged: [String: Receipt] = [:]
    /// The acknowledged settlements, to be sent again if the database loses them.
    var settled: [String: (client: Int, hold: Hold, entry: LedgerEntry)] = [:]
    /// What was promised before the database was restored from a backup, or by a replica that did not know yet.
    var excused: Set<HoldID> = []
    /// The ids of entries that were lost with the time since a backup.
    var lostEntries: Set<Int64> = []
    /// The owner and id of each entry that was sent and may be committed.
    var sent: Set<String> = []
    /// Settlements that are not acknowledged yet.
    var unacknowledged = 0
}
