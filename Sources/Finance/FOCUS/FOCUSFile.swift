import Accounting
import Ledger
import Postgres
import Wording

/// What all rows of a file share: the month, the version and whose bill it is.
package struct FOCUSFile: Sendable {
    /// The account that is billed.
    package struct Account: Sendable {
        package let id: String
        package let name: String

        package init(id: String, name: String) {
            (self.id, self.name) = (id, name)
        }

        package static let unnamed = Account(id: "default", name: "default")
    }

    package struct Team: Sendable {
        package let name: String
        package let displayName: String?
        package let costCenter: String?
        package let owner: String?
    }

    package let month: CalendarMonth
    package let version: FOCUSVersion
    package let account: Account
    /// The accounting time zone, in which days and months begin. Files tell times in UTC.
    package let zone: Zone
    /// Nil while the month is open.
    package let closedAt: Timestamp?
    /// When it was read.
    package let asOf: Timestamp
    /// By the names that teams were made with.
    private let teams: [String: Team]

    package init(
        month: CalendarMonth, version: FOCUSVersion, account: Account, _ connection: Connection
    ) throws {
        (self.month, self.version, self.account) = (month, version, account)
        let row = try connection.query(
            """
            SELECT now(), accounting_time_zone,
                (SELECT closed_at FROM month WHERE month = \(month.firstDay) AND state = 'closed') FROM deployment
            """)[0]
        let zoneName: String
        (asOf, zoneName, closedAt) = try row.decode((Timestamp, String, Timestamp?).self)
        guard let zone = Zone.shared(zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
        self.zone = zone
        let teams = try connection.query(
            """
            SELECT team, name, display_name, cost_center, owner FROM team_then WHERE month = \(month.firstDay)
            """
        ).map { row in
            let (team, name, displayName, costCenter, owner) = try row.decode(
                (String, String, String?, String?, String?).self)
            return (team, Team(name: name, displayName: displayName, costCenter: costCenter, owner: owner))
        }
        self.teams = Dictionary(uniqueKeysWithValues: teams)
    }

    package func team(_ made: String) -> Team {
        teams[made] ?? Team(name: made, displayName: nil, costCenter: nil, owner: nil)
    }

    package var periodStart: String { start(of: month.firstDay) }
    package var periodEnd: String { start(of: month.next.firstDay) }
    package func start(of day: CalendarDay) -> String { Self.text(zone.start(of: day)) }
    package func end(of day: CalendarDay) -> String {
        start(of: CalendarDay(daysSince1970: day.daysSince1970 + 1))
    }

    /// FOCUS has times in UTC and whole seconds.
    package static func text(_ moment: Timestamp) -> String {
        Phrase.withoutFraction(moment.description)
    }

    /// Who sends the bill of a provider's calls.
    package static func issuer(_ provider: String) -> String { provider.isEmpty ? "unknown" : provider }

    /// Purser has a bill of each provider for each month. What the provider's own is called, it does not know.
    package func invoiceID(_ provider: String) -> String { "\(month)/\(Self.issuer(provider))" }

    package func invoiceDetailID(_ provider: String, _ category: String) -> String {
        "\(invoiceID(provider))/\(category)"
    }
}
