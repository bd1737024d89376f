import Accounting
import Ledger
import Logging

/// The server context: the services and data that every route works with.
package struct ServerContext: Sendable {
    let replica: Replica
    let access: Access
    let metrics: ServerMetrics
    let alerts: AlertSender
    let durability: DurabilityWatch
    let reports: ReportCatalog
    let openAPI: [UInt8]
    let log: Logger

    var database: Database { replica.database }
    var configuration: Configuration { replica.configuration }

    /// Commits an entry, and counts it in the metrics if it was recorded without a price.
    func record(_ entry: LedgerEntry, isOccurredAtGiven: Bool, done: @escaping LedgerQueue.Done) {
        replica.record(entry, isOccurredAtGiven: isOccurredAtGiven) { result in
            if case .success(.recorded(let receipt)) = result, receipt.cost == nil { metrics.countUnpriced() }
            done(result)
        }
    }
}
