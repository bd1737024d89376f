import Accounting
import Ledger
import Logging

/// What every route works with.
package struct Office: Sendable {
    let replica: Replica
    let access: Access
    let metrics: OfficeMetrics
    let alerts: AlertSender
    let durability: DurabilityWatch
    let reports: ReportCatalog
    let openAPI: [UInt8]
    let log: Logger

    var database: Database { replica.database }
    var configuration: Configuration { replica.configuration }
}
