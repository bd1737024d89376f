import ArgumentParser
import JSON

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
}

/// The options that every listing has.
struct ListingOptions: ParsableArguments {
    @Option(help: "table for people, json as the server sent it, or csv.")
    var output: OutputFormat = .table

    /// Shows the objects in a field of the answer.
    func write(_ answer: Answer, _ field: StaticString, columns: [Column]) throws {
        try write(answer, listing: Listing(try answer.objects(field), columns: columns))
    }

    /// Shows an answer that is one object.
    func writeRecord(_ answer: Answer, columns: [Column]) throws {
        let listing = Listing([try answer.json()], columns: columns)
        if output == .table {
            try StandardOutput.write(listing.records)
        } else {
            try write(answer, listing: listing)
        }
    }

    func write(_ answer: Answer, listing: @autoclosure () throws -> Listing) throws {
        switch output {
        case .json: try StandardOutput.writeText(answer.bytes)
        case .csv: try StandardOutput.writeText(Array(try listing().csv.utf8))
        case .table:
            let listing = try listing()
            // A warning says why nothing is left.
            if !listing.headings.isEmpty { try StandardOutput.write(listing.tableForTerminal) }
        }
    }
}

extension Listing {
    var tableForTerminal: String {
        fitting(width: StandardOutput.terminalWidth, isStyled: StandardOutput.takesStyle)
    }
}
