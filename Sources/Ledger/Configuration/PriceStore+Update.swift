import Accounting
import Postgres
import Pricing

extension PriceStore {
    /// A newer catalogue, read into files of the price book.
    package struct News: Sendable {
        package let kind: PriceCatalogueKind
        let files: [PriceFile]
        /// With its release, as coverage names it.
        package let source: PriceRelease.Source

        package init(kind: PriceCatalogueKind, files: [PriceFile], source: PriceRelease.Source) {
            (self.kind, self.files, self.source) = (kind, files, source)
        }
    }

    /// What an update of the price book did, or would do.
    package struct Update: Sendable {
        package var change = Change()
        /// Models with a price that changes by more than `PriceUpdate.jumpFactor`.
        package var jumps: [ModelName] = []
        /// Models that no source lists any more.
        package var retired: [ModelName] = []
        /// Catalogues that list less than half of what they listed before: taken as a part, which retires nothing.
        package var partial: [PriceRelease.Source] = []
        /// How many prices the sources do not agree on after the update.
        package var disputed: Int64 = 0
        package var release: PriceRelease?
    }

    private struct DryUpdate: Error { let update: Update }

    /// Takes newer catalogues into the price book, one after the other: all of them, or nothing. Returns the
    /// configuration version, or nil for a dry run. Rates nothing again.
    ///
    /// Throws `PriceExcess` if the price book would become larger than a server takes, and `PriceDoubt` if a price is
    /// probably a mistake, unless `areMeant`.
    package static func update(
        _ news: [News], on day: CalendarDay, takesJumps: Bool, isDryRun: Bool, areMeant: Bool, _ connection: Connection
    ) throws -> (update: Update, version: Int64?) {
        do {
            return try connection.transaction { transaction in
                try transaction.execute("LOCK TABLE price IN SHARE ROW EXCLUSIVE MODE")
                var update = Update()
                let former = try PriceReleaseStore.newest(transaction)
                if let former, day < former.date { throw PriceUpdateRefusal.before(former.date) }
                var isChanged = false
                for news in news {
                    let isWhole = isWhole(news.source, former)
                    if !isWhole { update.partial.append(news.source) }
                    isChanged = try take(news, on: day, isWhole, takesJumps, transaction, adding: &update) || isChanged
                }
                let book = try rows(transaction)
                try PriceLimits.check(book)
                // A preview shows jumps, which may be left out.
                let mayBeLeftOut = isDryRun ? Set(update.jumps) : []
                if !areMeant {
                    try PriceDoubt.check(update.change.rows.filter { !mayBeLeftOut.contains($0.model) }, in: book)
                }
                update.disputed = try PriceDispute.count(transaction)
                let whole = news.map(\.source).filter { !update.partial.contains($0) }
                update.release = try release(after: whole, former, on: day, isChanged: isChanged, transaction)
                if isDryRun { throw DryUpdate(update: update) }
                let version = try ConfigurationStore.bump(transaction, prices: true)
                return (update, version)
            }
        } catch let dry as DryUpdate {
            return (dry.update, nil)
        }
    }

    /// Whether a catalogue lists all that it has, as far as the release before tells.
    private static func isWhole(_ source: PriceRelease.Source, _ former: PriceRelease?) -> Bool {
        guard let before = former?.sources.first(where: { $0.kind == source.kind }) else { return true }
        return source.listedModels * 2 >= before.listedModels
    }

    /// Returns whether anything of the book is changed.
    private static func take(
        _ news: News, on day: CalendarDay, _ isWhole: Bool, _ takesJumps: Bool, _ transaction: borrowing Transaction,
        adding total: inout Update
    ) throws -> Bool {
        let update = PriceUpdate(
            news.files, of: news.kind, to: try models(transaction), on: day, isWhole: isWhole, takesJumps: takesJumps)
        for file in update.files {
            try write(file, .asWritten, nil, isOfAllSources: true, transaction, adding: &total.change)
        }
        try transaction.execute(
            """
            UPDATE price_model SET retired_on = NULL
            WHERE (provider, model) IN (
                SELECT * FROM unnest(\(update.revived.map(\.provider)), \(update.revived.map(\.model))))
            """)
        total.jumps += update.jumps
        total.retired += update.retired
        return !update.files.isEmpty || !update.revived.isEmpty
    }

    /// The release that the book is after an update: with the sources that were read anew, of the day on which all of one
    /// was read. The former one, if nothing is new.
    private static func release(
        after whole: [PriceRelease.Source], _ former: PriceRelease?, on day: CalendarDay, isChanged: Bool,
        _ transaction: borrowing Transaction
    ) throws -> PriceRelease? {
        let date = whole.isEmpty ? former?.date ?? day : day
        let before = former?.sources ?? []
        let kept = before.filter { source in !whole.contains { $0.kind == source.kind } }
        // An update does not know a catalogue's release. One that lists as much as before, and changes nothing, is the same.
        let read = whole.map { source in
            isChanged ? source : before.first { $0.kind == source.kind && $0.share == source.share } ?? source
        }
        let sources = (kept + read).sorted { $0.name < $1.name }
        guard isChanged || date != former?.date || sources != former?.sources else { return former }
        var version = PriceRelease.version(of: day)
        var number = 1
        while try !transaction.query("SELECT FROM price_release WHERE version = \(version)").isEmpty {
            number += 1
            version = "\(PriceRelease.version(of: day)).\(number)"
        }
        let release = PriceRelease(version: version, date: date, sources: sources)
        try PriceReleaseStore.add(release, transaction)
        return release
    }

    /// By provider, the models of the book. The sources of their prices are the texts that stand with them.
    private static func models(_ transaction: borrowing Transaction) throws -> [String: [PriceFile.Model]] {
        let listed = try listed(transaction)
        let sources = Dictionary(uniqueKeysWithValues: listed.map { ($0.price.id, $0.source) })
        var lines: [ModelName: [PriceFile.PriceLine]] = [:]
        for supersession in PriceSupersession.all(of: listed.map(\.price)).values {
            for span in supersession.spans {
                lines[span.price.model, default: []].append(
                    PriceFile.PriceLine(
                        span.price, from: span.from, until: span.until, source: sources[span.price.id]!))
            }
        }
        let disputed = try PriceDispute.lines(transaction)
        let rows = try transaction.query(
            """
            SELECT provider, model, max_input_tokens, max_output_tokens, alias_of, retired_on FROM price_model
            ORDER BY provider, model
            """
        ).map { try $0.decode((String, String, Int64?, Int64?, String?, CalendarDay?).self) }
        var aliases: [ModelName: [String]] = [:]
        for (provider, alias, _, _, target, _) in rows {
            if let target { aliases[ModelName(provider: provider, model: target), default: []].append(alias) }
        }
        var models: [String: [PriceFile.Model]] = [:]
        for (provider, model, input, output, target, retired) in rows where target == nil {
            let name = ModelName(provider: provider, model: model)
            models[provider, default: []].append(
                PriceFile.Model(
                    name: model, aliases: aliases[name] ?? [], maxInputTokens: input, maxOutputTokens: output,
                    retired: retired, prices: lines[name] ?? [], disputed: disputed[name] ?? []))
        }
        return models
    }
}

extension PriceFile.PriceLine {
    /// - Parameters:
    ///   - from: when the price is in force; its own times unless given.
    init(_ price: Price, from: Timestamp, until: Timestamp?, source: String) {
        self.init(
            meter: price.meter.name, serviceTier: price.tier.rawValue, aboveContextTokens: price.aboveContextTokens,
            region: price.region ?? "", hours: price.hours?.description ?? "",
            femtodollarsPerUnit: price.femtodollarsPerUnit, leastQuantity: price.leastQuantity,
            validFrom: from, validUntil: until, source: source)
    }
}

/// Why an update is not taken.
package enum PriceUpdateRefusal: Error {
    /// The catalogues were read before those that the book is made from.
    case before(CalendarDay)
}

extension PriceRelease.Source {
    /// The catalogue's name without its release.
    fileprivate var kind: Substring { name.prefix { $0 != " " } }
}
