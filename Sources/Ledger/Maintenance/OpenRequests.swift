import Accounting
import Postgres
import Synchronization

/// How many requests for more of a budget wait for an answer, for metrics. Those whose time is over expire.
package final class OpenRequests: Sendable {
    private let known = Mutex<Int64?>(nil)

    init() {}

    /// As last counted here; nil before the first count.
    package var count: Int64? { known.withLock { $0 } }

    func count(_ connection: Connection) throws -> Int {
        let expired = try connection.execute(
            "UPDATE budget_request SET state = 'expired' WHERE state = 'open' AND expires_at <= clock_timestamp()")
        let open: Int64 = try connection.query("SELECT count(*) FROM budget_request WHERE state = 'open'")[0].decode(
            at: 0)
        known.withLock { $0 = open }
        return expired
    }

    var task: MaintenanceTask {
        MaintenanceTask("open_requests", every: .seconds(15)) { MaintenanceTask.Portion(rows: try self.count($0)) }
    }
}
