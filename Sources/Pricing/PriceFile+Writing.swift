import Accounting

extension PriceFile {
    /// The file as text, which `parse` reads back to the same values.
    package var text: String {
        var text = """
            # What \(PriceMapPages.title(of: provider)) charges. README.md beside this file tells how to read and change it.
            provider: \(provider)
            maker: \(isMaker ?? false)
            \(sourcesText)
            currency: USD
            per: 1000000 tokens
            models:

            """
        for model in models { text += model.text(firstSource: sources[0].key) }
        return text
    }

    private var sourcesText: String {
        guard sources.count > 1 else {
            return "source: \(PriceFile.prose(sources[0].figures))\nretrieved: \(sources[0].retrieved)"
        }
        return
            (["sources:"]
            + sources.flatMap {
                ["  \($0.key):", "    figures: \(PriceFile.prose($0.figures))", "    retrieved: \($0.retrieved)"]
            }).joined(separator: "\n")
    }
}

extension PriceFile.Model {
    fileprivate func text(firstSource: String) -> String {
        var lines = ["  \(PriceFile.scalar(name)):"]
        if !aliases.isEmpty { lines.append("    aliases: [\(aliases.map(PriceFile.quoted).joined(separator: ", "))]") }
        if let maxInputTokens { lines.append("    max_input_tokens: \(maxInputTokens)") }
        if let maxOutputTokens { lines.append("    max_output_tokens: \(maxOutputTokens)") }
        if let retired { lines.append("    retired: \(retired)") }
        lines.append("    prices:")
        var rest = prices[...]
        while let first = rest.first {
            let entry = rest.prefix {
                $0.validFrom == first.validFrom && $0.validUntil == first.validUntil && $0.source == first.source
            }
            rest = rest.dropFirst(entry.count)
            lines.append("      - from: \(first.validFrom.dayOrTime)")
            // Without it the entry ends where the next one of its source begins.
            if let end = first.validUntil, end != rest.first(where: { $0.source == first.source })?.validFrom {
                lines.append("        until: \(end.dayOrTime)")
            }
            if first.source != firstSource { lines.append("        source: \(first.source)") }
            if entry.contains(where: { $0.femtodollarsPerUnit == 0 }) { lines.append("        free: true") }
            lines += Self.entry(Array(entry)).map { "        " + $0 }
            lines += disputedText(entry).map { "        " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What other sources say of the prices of an entry.
    private func disputedText(_ entry: ArraySlice<PriceFile.PriceLine>) -> [String] {
        let cells = Set(entry.map(\.place.cell))
        let others = disputed.filter { $0.validFrom == entry.first?.validFrom && cells.contains($0.place.cell) }
        guard !others.isEmpty else { return [] }
        return ["disputed:"]
            + Set(others.map(\.source)).sorted().flatMap { source in
                ["  \(source):"] + Self.entry(others.filter { $0.source == source }).map { "    " + $0 }
            }
    }

    private static func entry(_ entry: [PriceFile.PriceLine]) -> [String] {
        var lines = hours(entry.filter { $0.region.isEmpty })
        let regions = Set(entry.map(\.region)).subtracting([""]).sorted()
        if !regions.isEmpty { lines.append("regions:") }
        for region in regions {
            lines.append("  \(PriceFile.scalar(region)):")
            lines += hours(entry.filter { $0.region == region }).map { "    " + $0 }
        }
        return lines
    }

    /// What always holds, then what holds at some hours.
    private static func hours(_ entry: [PriceFile.PriceLine]) -> [String] {
        var lines = rates(entry.filter { $0.hours.isEmpty })
        let hours = Set(entry.map(\.hours)).subtracting([""]).sorted()
        if !hours.isEmpty { lines.append("hours:") }
        for hours in hours {
            lines.append("  \(PriceFile.quoted(hours)):")
            lines += rates(entry.filter { $0.hours == hours }).map { "    " + $0 }
        }
        return lines
    }

    private static func rates(_ entry: [PriceFile.PriceLine]) -> [String] {
        let tokens = entry.filter { $0.meter.hasSuffix("_tokens") }
        var lines: [String] = []
        for above in Set(tokens.map(\.aboveContextTokens)).sorted() {
            if above > 0 { lines.append("above_\(above)_tokens:") }
            for tier in PriceEntry.serviceTiers {
                let rates = tokens.filter { $0.aboveContextTokens == above && $0.serviceTier == tier }
                guard !rates.isEmpty else { continue }
                lines.append("\(above > 0 ? "  " : "")\(tier): \(flow(rates, places: 9))")
            }
        }
        let nonTokens = entry.filter { !$0.meter.hasSuffix("_tokens") && $0.serviceTier == "standard" }
        if !nonTokens.isEmpty { lines.append("each: \(flow(nonTokens, places: 15))") }
        return lines
    }

    private static func flow(_ rates: [PriceFile.PriceLine], places: Int) -> String {
        let fields = rates.map { rate in
            let price = "\"\(amount(rate.femtodollarsPerUnit, places: places))\""
            return "\(rate.meter): " + (rate.leastQuantity.map { "{price: \(price), least: \($0)}" } ?? price)
        }
        return "{\(fields.joined(separator: ", "))}"
    }

    /// With at least two places, as prices are written.
    private static func amount(_ value: Int64, places: Int) -> String {
        let text = FixedPoint.text(value, places: places)
        guard let point = text.firstIndex(of: ".") else { return text + ".00" }
        return text[point...].utf8.count < 3 ? text + "0" : text
    }
}

extension PriceFile {
    /// A name as YAML takes it where no other sign may be meant.
    fileprivate static func scalar(_ name: String) -> String {
        let isPlain = name.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
        return isPlain && name.last != ":" ? name : quoted(name)
    }

    /// A text as YAML takes it where a colon may end a key.
    fileprivate static func prose(_ text: String) -> String {
        text.contains(": ") || text.contains(" #") ? quoted(text) : text
    }

    fileprivate static func quoted(_ name: String) -> String { "\"\(name)\"" }
}
