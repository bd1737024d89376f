import Accounting
import Hummingbird
import JSON
import Ledger
import Pricing

/// `POST /v1/prices/update`: newer catalogues, all or nothing.
extension PriceRoutes {
    private static let maximumFiles = 8

    /// What was read from the catalogues.
    fileprivate struct Reading {
        var news: [PriceStore.News] = []
        var skipped: [PriceMap.Skipped] = []
        var warnings: [PriceMap.Warning] = []
    }

    func update(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.importPrices)
        let query = context.query
        let today = SystemClock.wallTime().day
        let day = try query("on", "a day of the calendar as YYYY-MM-DD") { CalendarDay(text: $0) } ?? today
        guard day <= today else { throw Problem.query("on", "is after today, \(today)") }
        let isDryRun = try query("dry_run", "true or false") { Bool($0) } ?? false
        let areMeant = try query("force", "true or false") { Bool($0) } ?? false
        let takesJumps = try query("jumps", "take or leave") { ["take": true, "leave": false][$0] } ?? false
        let files = try Self.files(await context.request.json(limit: Request.maximumBatchBytes))
        let (reading, update, version) = try await server.database.run { connection in
            // Parses the files on this thread, which may be busy for a while: they have megabytes.
            let reading = try Self.read(files, on: day)
            let (update, version) = try PriceStore.update(
                reading.news, on: day, takesJumps: takesJumps, isDryRun: isDryRun, areMeant: areMeant, connection)
            return (reading, update, version)
        }
        return try await server.answer(change: version) {
            .json(capacity: 1024 + update.change.added * 256) {
                $0.field("version", update.release?.version)
                $0.field("date", update.release?.date.description)
                for kind in PriceStore.AddedRow.Kind.allCases {
                    $0.field(named: kind.rawValue, Int64(update.change.rows.count { $0.kind == kind }))
                }
                $0.field("unchanged", Int64(update.change.unchanged))
                $0.field("disputed", update.disputed)
                $0.name("changes")
                $0.array(update.change.rows.prefix(Self.maximumListed)) { $1.write(to: &$0, isUpdate: true) }
                $0.name("jumps")
                $0.array(update.jumps.prefix(Self.maximumListed)) { $0.string($1.description) }
                $0.field("jumps_taken", takesJumps)
                $0.name("retired")
                $0.array(update.retired.prefix(Self.maximumListed)) { $0.string($1.description) }
                $0.name("partial")
                $0.array(update.partial) { writer, source in
                    writer.object {
                        $0.field("source", source.name)
                        $0.field("models", source.listedModels)
                    }
                }
                reading.skipped.prefix(Self.maximumListed).write(to: &$0)
                reading.warnings.prefix(Self.maximumListed).write(to: &$0)
            }
        }
    }

    private static func files(_ body: JSONValue) throws -> [(name: String, text: String)] {
        var fields = JSONFields(body)
        let value = fields.value("files")
        try fields.finish()
        let elements = value?.kind == .array ? value!.elements.map { $0 } : []
        guard (1...maximumFiles).contains(elements.count) else {
            throw Problem(fields: [
                FieldError(pointer: "/files", detail: "must be a list of 1 to \(maximumFiles) files")
            ])
        }
        return try elements.enumerated().map { index, element in
            guard let name = element["name"]?.string, let text = element["text"]?.string else {
                throw Problem(fields: [
                    FieldError(pointer: "/files/\(index)", detail: "must be an object with name and text")
                ])
            }
            return (String(name.prefix(256)), text)
        }
    }

    private static func read(_ files: [(name: String, text: String)], on day: CalendarDay) throws -> Reading {
        var reading = Reading()
        for (index, file) in files.enumerated() {
            func refusal(_ detail: String) -> Problem {
                Problem(fields: [FieldError(pointer: "/files/\(index)/text", detail: "\(detail): \(file.name)")])
            }
            do throws(JSONFailure) {
                try reading.add(file.text, on: day)
            } catch {
                throw refusal("is neither the price map of litellm nor the catalogue of genai-prices")
            }
            let last = reading.news[index]
            guard last.source.pricedModels > 0 else { throw refusal("has no model with a price") }
            guard !reading.news.dropLast().contains(where: { $0.kind == last.kind }) else {
                throw refusal("is of the same source as a file before it")
            }
        }
        return reading
    }
}

extension PriceRoutes.Reading {
    /// The map is an object, the catalogue a list.
    fileprivate mutating func add(_ text: String, on day: CalendarDay) throws(JSONFailure) {
        let bytes = PriceRoutes.withoutByteOrderMark(Array(text.utf8))
        if bytes.first(where: { $0 > UInt8(ascii: " ") }) == UInt8(ascii: "[") {
            let catalogue = try PriceCatalogue.parse(bytes, retrieved: day)
            news.append(
                PriceStore.News(kind: .genaiPrices, files: catalogue.files, source: catalogue.coverage(release: nil)))
            skipped += catalogue.skipped
            warnings += catalogue.warnings
        } else {
            let map = try PriceMap.parse(bytes, today: day)
            news.append(PriceStore.News(kind: .litellm, files: map.files, source: map.coverage(release: nil)))
            skipped += map.skipped
            warnings += map.warnings
        }
    }
}
