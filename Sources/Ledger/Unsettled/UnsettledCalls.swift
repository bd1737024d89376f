import Accounting
import Postgres
import Synchronization

/// How many holds of the last day expired and were not settled since, and their worst case, for metrics. Counted now and
/// then, off the path of any answer.
package final class UnsettledCalls: Sendable {
    package struct Count: Equatable, Sendable {
        package let calls: Int64
        package let worstCase: Money
    }

    private let known = Mutex<Count?>(nil)

    init() {}

    /// As last counted here; nil before the first count.
    package var count: Count? { known.withLock { $0 } }

    func read(_ connection: Connection) throws {
        let (calls, worstCase): (Int64, Int64) = try connection.query(
            """
            SELECT count(*), LEAST(COALESCE(sum(amount), 0), \(Int64.max))::bigint FROM unsettled
            WHERE kind = 'hold' AND entry_id IS NULL AND recorded_at > now() - interval '24 hours'
            """)[0].decode((Int64, Int64).self)
        known.withLock { $0 = Count(calls: calls, worstCase: Money(nanodollars: worstCase)) }
    }

    var task: MaintenanceTask {
        MaintenanceTask("unsettled_calls", every: .seconds(60)) { connection in
            try self.read(connection)
            return MaintenanceTask.Portion(rows: 0)
        }
    }
}
