import Accounting
import Finance
import Ledger
import Logging

/// The server context: the services and data that every route works with.
///
/// A class, because every request's closures keep it: keeping it counts one reference instead of eight.
package final class ServerContext: Sendable {
    let replica: Replica
    let access: Access
    let metrics: ServerMetrics
    let alerts: AlertSender
    let durability: DurabilityWatch
    let reports: ReportCatalog
    let unallocatedPercent: Int64
    let billingAccount: FOCUSFile.Account
    let currencyRates: CurrencyRateFile?
    let openAPI: [UInt8]
    let log: Logger

    init(
        replica: Replica, access: Access, metrics: ServerMetrics, alerts: AlertSender, durability: DurabilityWatch,
        reports: ReportCatalog, unallocatedPercent: Int64, billingAccount: FOCUSFile.Account,
        currencyRates: CurrencyRateFile?, openAPI: [UInt8],
        log: Logger
    ) {
        self.replica = replica
        self.access = access
        self.metrics = metrics
        self.alerts = alerts
        self.durability = durability
        self.reports = reports
        self.unallocatedPercent = unallocatedPercent
        self.billingAccount = billingAccount
        self.currencyRates = currencyRates
        self.openAPI = openAPI
        self.log = log
    }

    var database: Database { replica.database }
    var configuration: Configuration { replica.configuration }

    /// Rates an entry, commits it, and counts it in the metrics if it was recorded without a price or with warnings. `rate`
    /// is called again if the configuration has changed meanwhile. `done` gets the warnings of the entry too.
    func record(
        _ rate: () throws -> (entry: LedgerEntry, isOccurredAtGiven: Bool),
        done: @escaping @Sendable (Result<LedgerOutcome, LedgerFailure>, [CallWarning]) -> Void
    ) rethrows {
        while true {
            let (entry, isOccurredAtGiven) = try rate()
            let warnings = entry.warnings
            let isTaken = replica.record(entry, isOccurredAtGiven: isOccurredAtGiven) { [metrics] result in
                if case .success(.recorded(let receipt)) = result {
                    if receipt.cost == nil { metrics.countUnpriced() }
                    for warning in warnings { metrics.count(warning.code) }
                }
                if case .success(.duplicate(let receipt)) = result {
                    done(result, warnings.repeating(receipt))
                } else {
                    done(result, warnings)
                }
            }
            if isTaken { return }
        }
    }
}

extension [CallWarning] {
    /// The warnings of a report that repeats an entry. Prices may have come or gone since that was recorded.
    fileprivate func repeating(_ receipt: Receipt) -> [CallWarning] {
        if receipt.cost != nil { return filter { $0.code != .unpriced } }
        if contains(where: { $0.code == .unpriced || $0.code.leavesUnpriced }) { return self }
        return self + [CallWarning(.unpriced, "The call had no price when it was recorded; a correction prices it.")]
    }
}
