import Accounting
import JSON

/// What the comparisons ask, one line each: a word, then fields, separated by tabs.
struct Answers {
    let book: PriceBook

    func answer(_ line: String) -> String {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count) {
        case ("cost", 8): return cost(parts)
        case ("find", 3): return found(parts[2], of: parts[1].isEmpty ? nil : parts[1])
        case ("read", 3): return read(parts[2], format: UsageFormat(rawValue: parts[1]))
        default: return "not understood"
        }
    }

    /// Provider, model, service tier, region, time, size of the prompt, quantities as JSON: the cost in nanodollars, or the
    /// reason why there is none.
    private func cost(_ parts: [String]) -> String {
        guard let tier = ServiceTier(rawValue: parts[3]), let moment = Timestamp(rfc3339: parts[5]),
            let context = Int64(parts[6])
        else { return "not understood" }
        guard case .priced(let model) = book.resolve(parts[2], provider: parts[1]) else { return "no such model" }
        guard let usage = try? JSONDocument(text: parts[7]).root else { return "no JSON" }
        var quantities = Quantities()
        for (name, count) in usage.fields { quantities.add(Meter(name), count.integer ?? 0) }
        let region = parts[4].isEmpty ? nil : parts[4]
        guard let card = model.card(tier: tier, region: region, contextTokens: context, at: moment) else {
            return "no price in force"
        }
        let rated = card.rate(quantities)
        if let cost = rated.cost { return String(cost.nanodollars) }
        return "unpriced " + rated.lines.filter { $0.rate == nil }.map(\.meter.name).joined(separator: ",")
    }

    /// Provider or nothing, and model: the provider and the model that they stand for, and a word for what it charges today
    /// where no region is named, which two models share that cost the same. Else `unpriced`, or `ambiguous` with the models
    /// that it may be.
    private func found(_ name: String, of provider: String?) -> String {
        switch book.resolve(name, provider: provider) {
        case .priced(let model): "\(model.name.provider)\t\(model.name.model)\t\(Self.word(for: model.prices))"
        case .unpriced: "unpriced"
        case .ambiguous(let names): "ambiguous\t" + names.map(\.description).joined(separator: ", ")
        }
    }

    private static func word(for prices: [Price]) -> String {
        let today = CalendarDay(text: "2026-11-28")!.startUTC
        let rows = prices.filter { $0.region == nil && $0.isValid(at: today) }.map { price in
            [
                price.meter.name, price.tier.rawValue, "\(price.aboveContextTokens)", price.hours?.description ?? "",
                "\(price.femtodollarsPerUnit)", "\(price.leastQuantity ?? 0)",
            ].joined(separator: " ")
        }
        return String(Set(rows).sorted().joined(separator: "; ").hashValue)
    }

    /// A format or nothing, and a provider's response as JSON: the quantities in it as JSON, and by how many tokens they
    /// differ from the provider's own total. Else why it was refused.
    private func read(_ text: String, format: UsageFormat?) -> String {
        guard let response = try? JSONDocument(text: text).root else { return "no JSON" }
        do {
            let usage = try UsageReader.read(
                response, format: format, pointer: "", isKnownMeter: { _ in true })
            // Several passes of a call may use the same meter.
            let lines = Set(usage.quantities.lines.map(\.meter)).map { "\"\($0.name)\": \(usage.quantities.of($0))" }
            return "{\(lines.sorted().joined(separator: ", "))}\t\(usage.residualTokens)"
        } catch {
            return "refused: \(error)"
        }
    }
}
