import PacedMonth
import Pricing

extension LadderOfThree {
    /// The same prices as a file of the price book.
    static var priceFile: PriceFile {
        get throws {
            let models = zip(models, [("5", "25"), ("3", "15"), ("1", "5")]).map { model, dollars in
                """
                  \(model):
                    max_output_tokens: 64000
                    prices:
                      - from: 2020-01-01
                        standard: {input_tokens: "\(dollars.0)", output_tokens: "\(dollars.1)"}
                """
            }
            return try PriceFile.parse(
                """
                provider: anthropic
                maker: true
                source: list prices
                retrieved: 2026-01-01
                currency: USD
                per: 1000000 tokens
                models:
                \(models.joined(separator: "\n"))
                """, fileName: "anthropic.yaml")
        }
    }
}
