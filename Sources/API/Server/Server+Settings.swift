import Accounting
import Finance
import Ledger

extension Server {
    package static let defaultUnallocatedPercent = 5

    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        /// Nil for the embedded PostgreSQL in `dataDirectory`.
        package var databaseURL: String?
        package var dataDirectory: String
        /// The server accepts it in addition to the tokens in the database. At least 32 characters.
        package var adminToken: String?
        /// Takes effect only while nothing is in the ledger. Nil for the zone that the database has, at first UTC.
        package var accountingZone: Zone?
        package var resources: ResourceDirectory
        /// The delay before the first retry of an alert, in seconds; nil for the schedule that Standard Webhooks
        /// recommends.
        package var firstRetrySeconds: Int?
        /// Whether alerts may go to private and loopback addresses.
        package var allowsPrivateReceivers: Bool
        /// How long load balancers have to notice a SIGTERM.
        package var drainSeconds: Int
        package var fencedPolicy: FencedPolicy
        package var connectionLimits: ConnectionLimits
        /// How many days raw usage objects are kept.
        package var rawUsageDays: Int32
        /// How many days the verdict log is kept; 0: nothing is logged.
        package var verdictLogDays: Int32
        /// The share of a month's spend without a cost centre above which it does not close.
        package var unallocatedPercent: Int64
        package var callLimits: CallLimits
        /// The account that FOCUS files say is billed.
        package var billingAccount: FOCUSFile.Account
        /// The file of the rates by which reports are told in other currencies; nil: in USD alone.
        package var currencyRates: String?

        package init(
            host: String, port: Int, databaseURL: String?, dataDirectory: String, adminToken: String?,
            accountingZone: Zone?, resources: ResourceDirectory, firstRetrySeconds: Int?,
            allowsPrivateReceivers: Bool, drainSeconds: Int, fencedPolicy: FencedPolicy,
            connectionLimits: ConnectionLimits, rawUsageDays: Int32, verdictLogDays: Int32,
            unallocatedPercent: Int64, callLimits: CallLimits, billingAccount: FOCUSFile.Account = .unnamed,
            currencyRates: String? = nil
        ) {
            self.host = host
            self.port = port
            self.databaseURL = databaseURL
            self.dataDirectory = dataDirectory
            self.adminToken = adminToken
            self.accountingZone = accountingZone
            self.resources = resources
            self.firstRetrySeconds = firstRetrySeconds
            self.allowsPrivateReceivers = allowsPrivateReceivers
            self.drainSeconds = drainSeconds
            self.fencedPolicy = fencedPolicy
            self.connectionLimits = connectionLimits
            self.rawUsageDays = rawUsageDays
            self.verdictLogDays = verdictLogDays
            self.unallocatedPercent = unallocatedPercent
            self.callLimits = callLimits
            self.billingAccount = billingAccount
            self.currencyRates = currencyRates
        }
    }
}
