import ArgumentParser
import JSON

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
}

/// The options that every listing has.
struct ListingOptions: ParsableArguments {
    @Option(help: "table for people, json as the server sent it, or csv.")
    var output: OutputFormat = .table

    @Flag(help: "In the table, amounts with all their places and times as moments, as json and csv always have them.")
    var exact = false

    /// Shows the objects in a field of the answer.
    func write(_ answer: Answer, _ field: StaticString, columns: [Column], title: TableTitle? = nil) throws {
        try write(answer, listing: Listing(try answer.objects(field), columns: columns), title: title)
    }

    /// Shows an answer that is one object.
    func writeRecord(_ answer: Answer, columns: [Column]) throws {
        let listing = Listing([try answer.json()], columns: columns)
        if output == .table {
            try StandardOutput.write(listing.records(display(of: answer)))
        } else {
            try write(answer, listing: listing)
        }
    }

    func write(_ answer: Answer, listing: @autoclosure () throws -> Listing, title: TableTitle? = nil) throws {
        switch output {
        case .json: try StandardOutput.writeText(answer.bytes)
        case .csv: try StandardOutput.writeText(Array(try listing().csv.utf8))
        case .table:
            let listing = try listing()
            // A warning says why nothing is left.
            guard !listing.headings.isEmpty else { return }
            let display = try display(of: answer)
            if StandardOutput.isTerminal, let title {
                try StandardOutput.write(title.line(asOf: display.now, in: answer.json()["time_zone"]?.string))
            }
            try StandardOutput.write(listing.fitting(display))
        }
    }

    /// Times are told from when the server read them, by its clock, where it says when that was.
    private func display(of answer: Answer) throws -> Display {
        var display = Display.standardOutput(isExact: exact)
        if let moment = try answer.asOf() { display.now = moment }
        return display
    }
}
