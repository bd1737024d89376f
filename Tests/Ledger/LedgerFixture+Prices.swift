import Pricing

extension LedgerFixture {
    /// A price file of one source; `models` is the text below its field of that name.
    static func priceFile(of provider: String = "p", _ models: String, isMaker: Bool = false) throws -> PriceFile {
        let head =
            "provider: \(provider)\nmaker: \(isMaker)\nsource: s\nretrieved: 2026-11-21\ncurrency: USD\nper: 1000000 tokens\n"
        return try PriceFile.parse(head + "models:\n" + models, fileName: "\(provider).yaml")
    }
}
