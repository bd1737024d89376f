import Accounting
import ArgumentParser

/// The accounting time zone, in which the ledger counts days and months.
struct TimeZoneOptions: ParsableArguments {
    @Option(
        help: "The accounting time zone, such as Europe/Berlin (UTC unless set); stays once the ledger has entries.")
    var timeZone: String?

    /// Nil where neither the option nor the variable is given.
    func zone(_ variables: ServerVariables) throws(CommandFailure) -> Zone? {
        let variable = timeZone == nil ? try variables.text(.timeZone) : nil
        guard let name = timeZone ?? variable else { return nil }
        guard let zone = Zone(name: name) else {
            let given = timeZone == nil ? "PURSER_TIME_ZONE" : "--time-zone"
            throw CommandFailure(.usage, "\(given) is not an IANA time zone: \(PrintableText.of(name))")
        }
        return zone
    }
}
