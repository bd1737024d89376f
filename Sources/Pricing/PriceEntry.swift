import Accounting

/// One item of a model's `prices`: the rates of every tier, context threshold, region and time of the week, over one
/// span of time.
struct PriceEntry {
    let node: PriceNode
    let from: Timestamp
    let until: Timestamp?
    /// The key of its source.
    let source: String
    private let rates: [Rate]
    /// By another source's key, what that source says instead.
    private let others: [(source: String, rates: [Rate])]

    private struct Rate {
        let meter: String
        let serviceTier: String
        let aboveContextTokens: Int64
        let femtodollarsPerUnit: Int64
        var leastQuantity: Int64?
        var region = ""
        var hours = ""

        func line(from: Timestamp, until: Timestamp?, source: String) -> PriceFile.PriceLine {
            PriceFile.PriceLine(
                meter: meter, serviceTier: serviceTier, aboveContextTokens: aboveContextTokens, region: region,
                hours: hours, femtodollarsPerUnit: femtodollarsPerUnit, leastQuantity: leastQuantity, validFrom: from,
                validUntil: until, source: source)
        }
    }

    static let serviceTiers = ServiceTier.allCases.map(\.rawValue)

    /// - Parameter sources: the keys of the file's sources; the first is that of entries that name none.
    init(_ node: PriceNode, sources: [String]) throws(PriceFileError) {
        self.node = node
        var source = sources[0]
        var others: [(source: String, rates: [Rate])] = []
        var from: Timestamp?
        var until: Timestamp?
        var isFree = false
        var rates: [Rate] = []
        for (key, value) in try node.fields() {
            switch key {
            case "from": from = try value.moment()
            case "until": until = try value.moment()
            case "free": isFree = try value.flag()
            case "source": source = try value.key(among: sources)
            case "disputed":
                for (key, value) in try value.fields() {
                    let source = try value.key(key, among: sources)
                    for (key, value) in try value.fields() {
                        others.append((source, try Self.rates(key, value, known: ["regions", "hours"])))
                    }
                }
            default:
                rates += try Self.rates(
                    key, value, known: ["from", "until", "free", "source", "disputed", "regions", "hours"])
            }
        }
        guard let from else { throw node.failure("lacks from") }
        guard !rates.isEmpty else { throw node.failure("has no rates") }
        for rate in rates where (rate.femtodollarsPerUnit == 0) != isFree {
            throw node.failure(
                isFree
                    ? "is free, but \(rate.meter) has a price"
                    : "prices \(rate.meter) at 0; say free: true if it is, leave it out if it is not known")
        }
        self.from = from
        self.until = until
        self.rates = rates
        self.source = source
        self.others = others
    }

    /// What other sources say of the same time.
    var disputed: [PriceFile.PriceLine] {
        others.flatMap { source, rates in rates.map { $0.line(from: from, until: until, source: source) } }
    }

    /// The rates with their times. `nextFrom` is the `from` of the entry after this one.
    func lines(nextFrom: Timestamp?) throws(PriceFileError) -> [PriceFile.PriceLine] {
        if let end = until, end <= from { throw node.failure("ends before it begins") }
        if let nextFrom, max(from, until ?? from) > nextFrom || from == nextFrom {
            throw node.failure("overlaps the entry after it; entries stand in order of from")
        }
        return rates.map { $0.line(from: from, until: until ?? nextFrom, source: source) }
    }

    /// The rates of one field. `known` are the other fields that are allowed beside tiers, thresholds and non-token
    /// units.
    private static func rates(_ key: String, _ value: PriceNode, known: [String]) throws(PriceFileError) -> [Rate] {
        switch key {
        case "each": return try eachRates(value)
        case "regions" where known.contains(key): return try regionRates(value)
        case "hours" where known.contains(key): return try hourRates(value)
        case let tier where serviceTiers.contains(tier):
            return try tokenRates(value, serviceTier: tier, aboveContextTokens: 0)
        default:
            let threshold = try threshold(key, value, known)
            var rates: [Rate] = []
            for (tier, value) in try value.fields(Set(serviceTiers)).sorted(by: { $0.key < $1.key }) {
                rates += try tokenRates(value, serviceTier: tier, aboveContextTokens: threshold)
            }
            return rates
        }
    }

    /// The rates under `regions`, which repeats the fields of an entry for each region.
    private static func regionRates(_ node: PriceNode) throws(PriceFileError) -> [Rate] {
        var rates: [Rate] = []
        for (region, value) in try node.fields() {
            let region = try value.checked(name: region)
            for (key, value) in try value.fields() {
                for var rate in try Self.rates(key, value, known: ["hours"]) {
                    rate.region = region
                    rates.append(rate)
                }
            }
        }
        return rates
    }

    /// The rates under `hours`, which repeats the fields of an entry for some hours of the week.
    private static func hourRates(_ node: PriceNode) throws(PriceFileError) -> [Rate] {
        var rates: [Rate] = []
        for (text, value) in try node.fields() {
            guard let hours = WeeklyHours(text: text) else {
                throw value.failure("must be named by days and times in UTC, as in \"mon-fri 16:30-00:30\"")
            }
            for (key, value) in try value.fields() {
                for var rate in try Self.rates(key, value, known: []) {
                    rate.hours = hours.description
                    rates.append(rate)
                }
            }
        }
        return rates
    }

    /// The threshold in the name of a field: 200000 for `above_200000_tokens`.
    private static func threshold(_ key: String, _ value: PriceNode, _ known: [String]) throws(PriceFileError) -> Int64
    {
        let parts = key.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "above", parts[2] == "tokens",
            let tokens = Int64(parts[1]), tokens > 0, String(tokens) == parts[1]
        else {
            let fields = known + ["each", "above_<n>_tokens"] + serviceTiers
            throw value.failure("is not a field; known here: \(fields.joined(separator: ", "))")
        }
        return tokens
    }

    private static func tokenRates(
        _ node: PriceNode, serviceTier: String, aboveContextTokens: Int64
    ) throws(PriceFileError) -> [Rate] {
        var rates: [Rate] = []
        for (meter, price) in try node.fields() {
            guard meter.hasSuffix("_tokens") else { throw price.failure("is not a meter of tokens") }
            if price.isMapping { throw price.failure("must be plain text; only a price of each piece has a least") }
            let rate = Rate(
                meter: try price.known(meter: meter), serviceTier: serviceTier,
                aboveContextTokens: aboveContextTokens,
                femtodollarsPerUnit: try price.femtodollarsPerUnit(ofTenToThe: 6))
            rates.append(rate)
        }
        return rates
    }

    /// The rates of non-token units, with a batch rate equal to the standard rate. Without a rate of its own, batch
    /// would cost half of standard, which is wrong for non-token units.
    private static func eachRates(_ node: PriceNode) throws(PriceFileError) -> [Rate] {
        var rates: [Rate] = []
        for (meter, price) in try node.fields() {
            guard !meter.hasSuffix("_tokens") else { throw price.failure("is a meter of tokens; put it under a tier") }
            let (femtodollars, least) = try price.priceOfPiece()
            for tier in ["standard", "batch"] {
                let rate = Rate(
                    meter: try price.known(meter: meter), serviceTier: tier, aboveContextTokens: 0,
                    femtodollarsPerUnit: femtodollars, leastQuantity: least)
                rates.append(rate)
            }
        }
        return rates
    }
}
