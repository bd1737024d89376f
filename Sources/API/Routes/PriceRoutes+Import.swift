import Accounting
import Hummingbird
import JSON
import Ledger
import Pricing
import Wording

/// `POST /v1/prices/import`: prices from a file, all or nothing.
extension PriceRoutes {
    private enum Format: String { case purser, litellm }

    /// The most rows that an answer lists in each of its lists: added rows, skipped models, warnings.
    static let maximumListed = 10_000

    /// What was read from a price file.
    private struct Reading {
        var files: [PriceFile]
        var skipped: [PriceMap.Skipped] = []
        var warnings: [PriceMap.Warning] = []
        /// When the prices of the file begin to hold, unless the request says it.
        var start = PriceStore.Start.asWritten
    }

    func add(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.importPrices)
        let query = context.query
        let format = try query("format", "purser or litellm") { Format(rawValue: $0) } ?? .purser
        let effectiveFrom = try query("effective_from", Timestamp.dayOrTimeExpectation) { Timestamp(dayOrTime: $0) }
        let isDryRun = try query("dry_run", "true or false") { Bool($0) } ?? false
        let areMeant = try query("force", "true or false") { Bool($0) } ?? false
        let bytes = Self.withoutByteOrderMark(try await context.request.bytes())
        let known = server.configuration.prices.meterNames
        let (reading, change, version) = try await server.database.run { connection in
            // Parses the file on this thread, which may be busy for a while: a price map has megabytes.
            let reading = try Self.read(bytes, format, knownMeters: known)
            let (change, version) = try PriceStore.add(
                reading.files, from: effectiveFrom.map(PriceStore.Start.at) ?? reading.start, isDryRun: isDryRun,
                areMeant: areMeant, connection)
            return (reading, change, version)
        }
        return try await server.answer(change: version) {
            .json(capacity: 512 + (change.added * 4 + reading.skipped.count) * 64) {
                $0.field("added", Int64(change.added))
                $0.field("ended", Int64(0))
                $0.field("unchanged", Int64(change.unchanged))
                $0.name("models")
                $0.array(change.addedModels) { $0.string($1) }
                $0.name("changes")
                $0.array(change.rows.prefix(Self.maximumListed)) { $1.write(to: &$0, isUpdate: false) }
                reading.skipped.prefix(Self.maximumListed).write(to: &$0)
                $0.name("warnings")
                $0.list { writer in
                    for warning in reading.warnings.prefix(Self.maximumListed) { warning.write(to: &writer) }
                    Self.write(change.leftOut, of: format, to: &writer)
                }
            }
        }
    }

    /// The warnings `left_out`. A map names thousands of models and says of most less than the book: one line for all of
    /// them.
    private static func write(_ leftOut: [PriceLeftOut], of format: Format, to writer: inout JSONWriter) {
        func write(_ message: String, model: String?) {
            writer.object {
                $0.field("code", "left_out")
                $0.field("message", message)
                $0.field("model", model)
                $0.name("fields")
                $0.list { _ in }
            }
        }
        switch format {
        case .purser:
            for model in leftOut.prefix(maximumListed) { write(model.message, model: model.model.model) }
        case .litellm:
            guard let first = leftOut.first else { return }
            let models = Phrase.count(leftOut.count, "model")
            write(
                "The map does not have all prices of \(models): what it leaves out stays as it was. "
                    + "For example, \(first.message)", model: nil)
        }
    }

    /// Some programs write a mark before UTF-8.
    static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private static func read(_ bytes: [UInt8], _ format: Format, knownMeters: Set<String>) throws -> Reading {
        switch format {
        case .purser:
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Problem(fields: [FieldError(pointer: "", detail: "is not UTF-8 text")])
            }
            return Reading(files: [try PriceFile.parse(text, fileName: "the file", pricedMeters: knownMeters)])
        case .litellm:
            // The map has no dates. Where it changes the prices of a model that has prices already, the new ones hold
            // from today.
            let today = SystemClock.wallTime().day
            let map = try PriceMap.parse(bytes, today: today)
            return Reading(
                files: map.files, skipped: map.skipped, warnings: map.warnings, start: .revisions(at: today.startUTC))
        }
    }
}
