import Accounting
import Postgres
import Synchronization

/// How much disputed usage nobody has decided on, and what it costs, for metrics. Counted now and then, off the path of any
/// answer.
package final class OpenDisputes: Sendable {
    package struct Count: Equatable, Sendable {
        package let calls: Int64
        package let cost: Money
    }

    private let known = Mutex<Count?>(nil)

    init() {}

    /// As last counted here; nil before the first count.
    package var count: Count? { known.withLock { $0 } }

    func read(_ connection: Connection) throws {
        let (calls, cost): (Int64, Int64) = try connection.query(
            """
            SELECT count(*), LEAST(COALESCE(sum(cost_nanodollars), 0), \(Int64.max))::bigint FROM disputed
            WHERE state = 'open'
            """)[0].decode((Int64, Int64).self)
        known.withLock { $0 = Count(calls: calls, cost: Money(nanodollars: cost)) }
    }

    var task: MaintenanceTask {
        MaintenanceTask("open_disputes", every: .seconds(60)) { connection in
            try self.read(connection)
            return MaintenanceTask.Portion(rows: 0)
        }
    }
}
