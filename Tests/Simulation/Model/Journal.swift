import Accounting
import Ledger

/// What the clients know: every answer they were given, in their own words.
final class Journal {
    struct Admitted {
        let hold: Hold
        /// In microseconds of the run, by the true time: until then the money must be there.
        let expiresAtMicroseconds: Int64
    }

    /// Holds that were admitted and whose money must still be there.
    var admitted: [HoldID: Admitted] = [:]
    /// All holds that were ever admitted.
    var promised: [HoldID: Hold] = [:]
    /// What was acknowledged under an id, by its owner and id.
    var acknowledged: [String: Receipt] = [:]
    /// What was sent under an id and may be committed.
    var sent: Set<String> = []
    /// Settlements that are not acknowledged yet.
    var unacknowledged = 0
}
