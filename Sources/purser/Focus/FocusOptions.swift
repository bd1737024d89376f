import ArgumentParser
import Finance

extension FOCUSVersion: ExpressibleByArgument {}
extension FOCUSDataset: ExpressibleByArgument {}

/// What only the report `focus` takes.
struct FocusOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Of focus: the version of FOCUS (default: 1.2, or 1.4 where the dataset needs it)."))
    var focusVersion: FOCUSVersion?

    @Option(help: ArgumentHelp("Of focus: which of its datasets (default: cost-and-usage)."))
    var dataset: FOCUSDataset?

    var isEmpty: Bool { focusVersion == nil && dataset == nil }
}
