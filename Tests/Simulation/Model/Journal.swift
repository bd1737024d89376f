import Accounting
import Ledger

/// What the clients know: every answer they got.
final class Journal {
    struct Admitted {
        let hold: Hold
        /// In microseconds of the run, in true time. The money must be there until then.
        let expiresAtMicroseconds: Int64
    }

    /// Admitted holds whose money must still be there.
    var admitted: [HoldID: Admitted] = [:]
    /// All holds that were ever admitted.
    var promised: [HoldID: Hold] = [:]
    /// The acknowledged receipts, by the owner and id of the entry.
    var acknowledged: [String: Receipt] = [:]
    /// The owner and id of each entry that was sent and may be committed.
    var sent: Set<String> = []
    /// Settlements that are not acknowledged yet.
    var unacknowledged = 0
}
