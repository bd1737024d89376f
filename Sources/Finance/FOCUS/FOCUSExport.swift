import Accounting
import Postgres
import Wording

/// The files of a month, read in portions: one for each day, and one for what credits have paid. Each portion is of one
/// snapshot; what is booked between two of them is in the file if it is of a day that was not read yet.
package struct FOCUSExport: Sendable {
    package enum Portion: Sendable {
        case day(CalendarDay)
        case credits
    }

    package let file: FOCUSFile
    package let portions: [Portion]

    package init(_ file: FOCUSFile, _ connection: Connection) throws {
        self.file = file
        portions = try FOCUSDay.days(of: file.month, connection).map(Portion.day) + [.credits]
    }

    package func charges(_ portion: Portion, _ connection: Connection) throws -> [FOCUSCharge] {
        switch portion {
        case .day(let day): try FOCUSDay.charges(on: day, bookedIn: file.month, connection)
        case .credits: try FOCUSCredits.charges(file.month, connection)
        }
    }

    package var header: String { [FOCUSColumn<FOCUSCharge>].of(file.version).header() }

    package func text(_ charges: [FOCUSCharge]) -> String {
        let columns = [FOCUSColumn<FOCUSCharge>].of(file.version)
        return charges.map { columns.record($0, file) }.joined()
    }
}
