import ArgumentParser

/// The file that a report is written to.
enum OutputPath {
    /// Refuses the name of a format: who writes `-o json` nearly always wants JSON, and not a file of that name.
    static func argument(_ text: String) throws -> String {
        guard let format = ReportCommand.Format(rawValue: text) else { return text }
        throw ValidationError(
            "-o names a file; --format \(format) writes \(format.spoken), and -o ./\(format) a file of that name")
    }
}

extension ReportCommand.Format {
    fileprivate var spoken: String {
        switch self {
        case .table: "a table"
        case .csv, .json, .html: rawValue.uppercased()
        }
    }
}
