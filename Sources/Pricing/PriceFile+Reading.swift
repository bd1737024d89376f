import Accounting

extension PriceFile {
    init(_ root: PriceNode, pricedMeters: Set<String>?) throws(PriceFileError) {
        let fields = try root.fields([
            "provider", "maker", "source", "retrieved", "sources", "currency", "per", "meters", "models",
        ])
        var declared: Set<String> = []
        for meter in try fields["meters"]?.items() ?? [] { declared.insert(try meter.checked(meter: meter.text())) }
        let known = pricedMeters.map(declared.union)
        try fields.required("currency", of: root).exactly("USD")
        try fields.required("per", of: root).exactly("1000000 tokens")
        provider = ProviderName.canonical(try fields.required("provider", of: root).name())
        isMaker = try fields.required("maker", of: root).flag()
        let sources = try Self.sources(fields, of: root)
        self.sources = sources

        var models: [Model] = []
        var names: Set<String> = []
        for (name, node) in try fields.required("models", of: root).knowing(meters: known).fields() {
            let model = try Model(name: name, node, sources: sources.map(\.key))
            for name in [model.name] + model.aliases where !names.insert(name.lowercased()).inserted {
                throw node.failure("uses a name that another model or alias has: \(name)")
            }
            models.append(model)
        }
        self.models = models
    }

    /// One source with its day, or several by the names that entries use.
    private static func sources(
        _ fields: [String: PriceNode], of root: PriceNode
    ) throws(PriceFileError) -> [Source] {
        guard let several = fields["sources"] else {
            return [
                Source(
                    figures: try fields.required("source", of: root).text(),
                    retrieved: try fields.required("retrieved", of: root).day())
            ]
        }
        for name in ["source", "retrieved"] {
            if let node = fields[name] { throw node.failure("cannot stand beside sources, which say it of each") }
        }
        var sources: [Source] = []
        for (key, node) in try several.fields() {
            let fields = try node.fields(["figures", "retrieved"])
            sources.append(
                Source(
                    key: try node.checked(name: key), figures: try fields.required("figures", of: node).text(),
                    retrieved: try fields.required("retrieved", of: node).day()))
        }
        guard !sources.isEmpty else { throw several.failure("names no source") }
        return sources
    }
}

extension PriceFile.Model {
    /// - Parameter sources: the keys of the file's sources; the first is that of entries that name none.
    init(name: String, _ node: PriceNode, sources: [String]) throws(PriceFileError) {
        let fields = try node.fields(["aliases", "max_input_tokens", "max_output_tokens", "retired", "prices"])
        self.name = try node.checked(name: name)
        var aliases: [String] = []
        for alias in try fields["aliases"]?.items() ?? [] { aliases.append(try alias.name()) }
        self.aliases = aliases
        maxInputTokens = try fields["max_input_tokens"]?.tokenCount()
        maxOutputTokens = try fields["max_output_tokens"]?.tokenCount()
        retired = CalendarDay(text: try fields["retired"]?.day() ?? "")

        let items = try fields.required("prices", of: node).items()
        guard !items.isEmpty else { throw node.failure("has no prices") }
        var entries: [PriceEntry] = []
        for item in items { entries.append(try PriceEntry(item, sources: sources)) }
        for (entry, next) in zip(entries, entries.dropFirst()) where next.from < entry.from {
            throw entry.node.failure("overlaps the entry after it; entries stand in order of from")
        }
        // An entry ends where the next one of its source begins.
        var prices: [PriceFile.PriceLine] = []
        for (index, entry) in entries.enumerated() {
            let next = entries[(index + 1)...].first { $0.source == entry.source }
            prices += try entry.lines(nextFrom: next?.from)
        }
        // Lines stand in the order in which they begin.
        var ended: [PriceFile.PriceLine.Place: Timestamp] = [:]
        var endless: Set<PriceFile.PriceLine.Place> = []
        for line in prices {
            let isTwice = endless.contains(line.place) || ended[line.place].map { $0 > line.validFrom } ?? false
            if isTwice { throw node.failure("has two prices of \(line.meter) (\(line.serviceTier)) for one time") }
            if let end = line.validUntil { ended[line.place] = end } else { endless.insert(line.place) }
        }
        self.prices = prices
        disputed = entries.flatMap(\.disputed)
    }
}

extension [String: PriceNode] {
    func required(_ name: String, of parent: PriceNode) throws(PriceFileError) -> PriceNode {
        guard let node = self[name] else { throw parent.failure("lacks \(name)") }
        return node
    }
}
