import Accounting

extension PriceFile {
    init(_ root: PriceNode, pricedMeters: Set<String>?) throws(PriceFileError) {
        let fields = try root.fields([
            "provider", "maker", "source", "retrieved", "currency", "per", "meters", "models",
        ])
        var declared: Set<String> = []
        for meter in try fields["meters"]?.items() ?? [] { declared.insert(try meter.checked(meter: meter.text())) }
        let known = pricedMeters.map(declared.union)
        try fields.required("currency", of: root).exactly("USD")
        try fields.required("per", of: root).exactly("1000000 tokens")
        provider = ProviderName.canonical(try fields.required("provider", of: root).name())
        isMaker = try fields.required("maker", of: root).flag()
        source = try fields.required("source", of: root).text()
        retrieved = try fields.required("retrieved", of: root).day()

        var models: [Model] = []
        var names: Set<String> = []
        for (name, node) in try fields.required("models", of: root).knowing(meters: known).fields() {
            let model = try Model(name: name, node)
            for name in [model.name] + model.aliases where !names.insert(name.lowercased()).inserted {
                throw node.failure("uses a name that another model or alias has: \(name)")
            }
            models.append(model)
        }
        self.models = models
    }
}

extension PriceFile.Model {
    init(name: String, _ node: PriceNode) throws(PriceFileError) {
        let fields = try node.fields(["aliases", "max_input_tokens", "max_output_tokens", "prices"])
        self.name = try node.checked(name: name)
        var aliases: [String] = []
        for alias in try fields["aliases"]?.items() ?? [] { aliases.append(try alias.name()) }
        self.aliases = aliases
        maxInputTokens = try fields["max_input_tokens"]?.tokenCount()
        maxOutputTokens = try fields["max_output_tokens"]?.tokenCount()

        let entries = try fields.required("prices", of: node).items()
        guard !entries.isEmpty else { throw node.failure("has no prices") }
        // From the last entry to the first, because each entry ends where the next one begins.
        var prices: [[PriceFile.PriceLine]] = []
        var nextFrom: Timestamp?
        for entry in try entries.map(PriceEntry.init).reversed() {
            prices.append(try entry.lines(nextFrom: nextFrom))
            nextFrom = entry.from
        }
        self.prices = prices.reversed().flatMap(\.self)
    }
}

extension [String: PriceNode] {
    func required(_ name: String, of parent: PriceNode) throws(PriceFileError) -> PriceNode {
        guard let node = self[name] else { throw parent.failure("lacks \(name)") }
        return node
    }
}
