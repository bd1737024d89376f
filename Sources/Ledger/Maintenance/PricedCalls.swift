import Accounting
import Postgres
import Synchronization

/// How many of the calls of the last days have a price, for metrics. Counted now and then, off the path of any answer.
package final class PricedCalls: Sendable {
    private let known = Mutex<PricedShare?>(nil)

    init() {}

    /// As last counted here; nil before the first count.
    package var share: PricedShare? { known.withLock { $0 } }

    func count(_ connection: Connection) throws {
        let calls = try PriceCoverage.read(team: nil, connection).calls
        known.withLock { $0 = calls }
    }

    var task: MaintenanceTask {
        MaintenanceTask("price_coverage", every: .seconds(300)) { connection in
            try self.count(connection)
            return MaintenanceTask.Portion(rows: 0)
        }
    }
}
