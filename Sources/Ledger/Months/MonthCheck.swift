import Accounting
import JSON
import Postgres

/// What was found when a month was looked at before its close.
package struct MonthCheck: Sendable, Equatable {
    package enum Status: String, Sendable {
        case pass
        /// Worth a look; the month may close.
        case warn
        /// The month closes only by force.
        case fail
    }

    package let code: String
    package let status: Status
    /// A sentence that says what was found, and what helps.
    package let message: String

    package init(_ code: String, _ status: Status, _ message: String) {
        (self.code, self.status, self.message) = (code, status, message)
    }

    /// Writes the fields of a check into an object.
    package func write(to writer: inout JSONWriter) {
        writer.field("code", code)
        writer.field("status", status.rawValue)
        writer.field("message", message)
    }
}

/// The month that a check looks at.
struct CheckedMonth {
    let month: CalendarMonth
    /// When the check is made.
    let now: Timestamp
    /// The month in the accounting time zone.
    let span: Range<Timestamp>
    /// The share of spend without a cost centre above which the month does not close.
    let unallocatedPercent: Int64
}

/// One kind of check; each has a file of its own.
protocol MonthCheckKind {
    static var code: String { get }
    static func finding(
        _ month: CheckedMonth, _ connection: Connection
    ) throws -> (status: MonthCheck.Status, message: String)
}

extension MonthCheck {
    /// In the order in which people see them.
    private static var kinds: [any MonthCheckKind.Type] {
        [
            UnpricedCheck.self, UnsettledCheck.self, DisputedCheck.self, ReconciledCheck.self, CostCenterCheck.self,
            LateArrivalCheck.self, ChainCheck.self,
        ]
    }

    /// All checks of a month.
    static func all(of month: CheckedMonth, _ connection: Connection) throws -> [MonthCheck] {
        try kinds.map { kind in
            let finding = try kind.finding(month, connection)
            return MonthCheck(kind.code, finding.status, finding.message)
        }
    }
}

extension [MonthCheck] {
    package var haveFailed: Bool { contains { $0.status == .fail } }
}
