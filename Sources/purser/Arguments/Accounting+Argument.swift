import Accounting
import ArgumentParser

extension Period: ExpressibleByArgument {}

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
