import ArgumentParser

struct PriceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "price", abstract: "Read, import and check prices; rate recorded calls again.",
        subcommands: [
            PriceList.self, PriceShow.self, PriceImport.self, PriceConvert.self, PriceRerate.self, PriceCheck.self,
        ])
}

extension Column {
    static let price: [Column] = [
        .text("id", isWide: true), .text("provider"), .text("model"), .text("meter"),
        .text("service_tier", title: "TIER"),
        .text("above_context_tokens", title: "ABOVE CONTEXT"), .text("region"), .text("hours"),
        .amount("unit_price_usd", title: "USD PER UNIT"), .text("least_quantity", title: "AT LEAST"),
        .time("valid_from", title: "FROM"), .time("valid_until", title: "UNTIL"),
        .text("superseded_by"), .text("source", isWide: true),
    ]

    static let priceChange: [Column] = [
        .text("provider"), .text("model"), .text("meter"), .text("service_tier", title: "TIER"),
        .text("above_context_tokens", title: "ABOVE CONTEXT"), .text("region"), .text("hours"),
        .amount("former_unit_price_usd", title: "USD PER UNIT BEFORE"),
        .amount("unit_price_usd", title: "NOW"), .text("former_least_quantity", title: "AT LEAST BEFORE"),
        .text("least_quantity", title: "NOW"), .time("valid_from", title: "FROM"),
        .time("valid_until", title: "UNTIL"),
    ]

    static let priceFinding: [Column] = [.text("kind"), .text("provider"), .text("model"), .prose("detail")]
}
