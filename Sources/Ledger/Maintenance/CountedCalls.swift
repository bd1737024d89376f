import Accounting
import Postgres
import Synchronization

/// How many calls wait for somebody to look at them, and what they come to, for metrics. Counted now and then, off the path
/// of any answer.
package final class CountedCalls: Sendable {
    package enum Kind: Sendable {
        /// Holds that expired in the last day and were not settled since, with their worst case.
        case unsettled
        /// Usage that was refused and nobody has decided on, with its cost.
        case disputed

        fileprivate var taskName: String { self == .unsettled ? "unsettled_calls" : "open_disputes" }

        fileprivate var statement: SQL {
            switch self {
            case .unsettled:
                """
                SELECT count(*), LEAST(COALESCE(sum(amount), 0), \(Int64.max))::bigint FROM unsettled
                WHERE kind = 'hold' AND entry_id IS NULL AND recorded_at > now() - interval '24 hours'
                """
            case .disputed:
                """
                SELECT count(*), LEAST(COALESCE(sum(cost_nanodollars), 0), \(Int64.max))::bigint FROM disputed
                WHERE state = 'open'
                """
            }
        }
    }

    package struct Count: Equatable, Sendable {
        package let calls: Int64
        package let amount: Money
    }

    private let kind: Kind
    private let known = Mutex<Count?>(nil)

    init(_ kind: Kind) { self.kind = kind }

    /// As last counted here; nil before the first count.
    package var count: Count? { known.withLock { $0 } }

    func read(_ connection: Connection) throws {
        let (calls, amount) = try connection.query(kind.statement)[0].decode((Int64, Int64).self)
        known.withLock { $0 = Count(calls: calls, amount: Money(nanodollars: amount)) }
    }

    var task: MaintenanceTask {
        MaintenanceTask(kind.taskName, every: .seconds(60)) { connection in
            try self.read(connection)
            return MaintenanceTask.Portion(rows: 0)
        }
    }
}
