import Accounting
import ArgumentParser

extension Period: ExpressibleByArgument {
    /// Reads `month`, `30m`, `5h` and `7d` for the last minutes, hours and days, and the text by which a period is told.
    package init?(argument: String) {
        let units: [Character: RollingPeriod.Unit] = ["m": .minutes, "h": .hours, "d": .days]
        if let last = argument.last, let unit = units[last], let count = Int(argument.dropLast()) {
            guard let rolling = RollingPeriod(count, unit) else { return nil }
            self = .rolling(rolling)
        } else {
            self.init(text: argument)
        }
    }

    package static var allValueStrings: [String] { names + ["30m", "5h", "7d"] }
}

extension ServiceTier: ExpressibleByArgument {}

extension Budget.Unpriced: ExpressibleByArgument {}

extension Budget.Enforcement: EnumerableFlag {
    package static func help(for value: Budget.Enforcement) -> ArgumentHelp? {
        switch value {
        case .hard: "Deny calls that do not fit, as it does unless told."
        case .soft: "Deny nothing; warn and alert."
        case .shadow: "Only record what it would have said."
        }
    }
}
