import Accounting
import Hummingbird
import JSON
import Ledger
import Pricing

/// `POST /v1/prices/import`: prices from a file, all or nothing.
extension PriceRoutes {
    private enum Format: String { case purser, litellm }

    /// The most rows that an answer lists in each of its lists: added rows, skipped models, warnings.
    private static let maximumListed = 10_000

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
        let bytes = try await context.request.bytes()
        let known = server.configuration.prices.meterNames
        let (reading, change, version) = try await server.database.run { connection in
            // Parses the file on this thread, which may be busy for a while: a price map has megabytes.
            let reading = try Self.read(bytes, format, knownMeters: known)
            let (change, version) = try PriceStore.add(
                reading.files, from: effectiveFrom.map(PriceStore.Start.at) ?? reading.start, isDryRun: isDryRun,
                connection)
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
                $0.array(change.rows.prefix(Self.maximumListed)) { $1.write(to: &$0) }
                $0.name("skipped")
                $0.array(reading.skipped.prefix(Self.maximumListed)) { writer, skipped in
                    writer.object {
                        $0.field("model", skipped.model)
                        $0.field("reason", skipped.reason)
                    }
                }
                $0.name("warnings")
                $0.array(reading.warnings.prefix(Self.maximumListed)) { writer, warning in
                    writer.object {
                        $0.field("code", warning.fields.isEmpty ? "figures_shortened" : "fields_not_taken")
                        $0.field("message", warning.message)
                        $0.field("model", warning.model)
                        $0.name("fields")
                        $0.array(warning.fields) { $0.string($1) }
                        if !warning.shortened.isEmpty {
                            $0.name("shortened")
                            $0.array(warning.shortened) { $0.string($1) }
                        }
                    }
                }
            }
        }
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

extension PriceStore.AddedRow {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("provider", model.provider)
            $0.field("model", model.model)
            $0.field("meter", meter)
            $0.field("service_tier", serviceTier)
            $0.field("above_context_tokens", aboveContextTokens)
            $0.field("region", region.isEmpty ? nil : region)
            $0.field("hours", hours.isEmpty ? nil : hours)
            $0.field(
                "former_unit_price_usd", formerFemtodollarsPerUnit.map { FixedPoint.text($0, places: Price.places) })
            $0.field("unit_price_usd", FixedPoint.text(femtodollarsPerUnit, places: Price.places))
            $0.name("former_least_quantity")
            $0.integer(formerLeastQuantity)
            $0.name("least_quantity")
            $0.integer(leastQuantity)
            $0.field("valid_from", validFrom.description)
            $0.field("valid_until", validUntil?.description)
        }
    }
}
