import Accounting
import Ledger

extension OfficeServer {
    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        /// Nil for the embedded PostgreSQL in `dataDirectory`.
        package var databaseURL: String?
        package var dataDirectory: String
        /// Accepted beside the tokens in the database; at least 32 characters.
        package var adminToken: String?
        /// Counts only the first time a database is used.
        package var accountingZone: Zone
        package var share: ShareDirectory
        /// In seconds; nil for the schedule that Standard Webhooks recommends.
        package var firstRetrySeconds: Int?
        /// How long a SIGTERM leaves load balancers to notice.
        package var drainSeconds: Int
        package var whenFenced: WhenFenced

        package init(
            host: String, port: Int, databaseURL: String?, dataDirectory: String, adminToken: String?,
            accountingZone: Zone, share: ShareDirectory, firstRetrySeconds: Int?, drainSeconds: Int,
            whenFenced: WhenFenced
        ) {
            self.host = host
            self.port = port
            self.databaseURL = databaseURL
            self.dataDirectory = dataDirectory
            self.adminToken = adminToken
            self.accountingZone = accountingZone
            self.share = share
            self.firstRetrySeconds = firstRetrySeconds
            self.drainSeconds = drainSeconds
            self.whenFenced = whenFenced
        }
    }
}
