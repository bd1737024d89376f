import ArgumentParser
import JSON

struct PriceShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a model's name means and what it costs now.",
        discussion: """
            A bare name means the maker's own API; provider/model is the same model elsewhere. The table has what holds now \
            and what is to come; json, csv and purser price list have the past too.

            Example: purser price show azure/gpt-4o
            """)

    @Argument(help: "The model as a call would name it.", completion: .models, transform: Name.notEmpty)
    var model: String

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("prices", "resolve").query("model", model))
        if listing.output == .table {
            let rule = Cell(try answer.json()["rule"])
            let meaning = "\(model) is \(try answer.string("model")) of \(try answer.string("provider"))"
            StandardError.writeLine(rule == .absent ? "\(meaning)." : "\(meaning) (\(rule.plain)).")
            if let day = try answer.json()["retired_on"]?.string {
                StandardError.writeLine(
                    PrintableText.of("Retirement by its provider, as far as the price book knows: \(day)."))
            }
        }
        try listing.writePrices(answer, ofOneModel: true, title: TableTitle("Prices of \(model)"))
    }
}
