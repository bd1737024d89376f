import Accounting
import JSON
import Wording

/// How much of what is called has a price, and how much of what the sources of the price book list, for people.
struct Coverage {
    private let answer: JSONValue?

    init(_ answer: JSONValue?) { self.answer = answer }

    var lines: [String] {
        guard let answer else { return [] }
        let days = "the last \(Phrase.count(answer["days"]?.integer ?? 0, "day"))"
        let calls = answer["calls"]?.integer ?? 0
        var lines =
            calls == 0
            ? ["There were no calls in \(days)."]
            : [
                "\(share(of: answer)) of \(Phrase.count(calls, "call")) of \(days) \(calls == 1 ? "has" : "have") a price."
            ]
        for provider in elements("providers") {
            let name = provider["provider"]?.string ?? "no known provider"
            lines.append(
                "  \(name): \(share(of: provider)) of \(Phrase.count(provider["calls"]?.integer ?? 0, "call"))")
        }
        if let book = answer["price_book"], let version = book["version"]?.string, let date = book["date"]?.string {
            lines.append("Price book \(version) of \(date):")
        }
        for source in elements("sources") {
            let models = Phrase.count(source["models"]?.integer ?? 0, "model")
            lines.append(
                "  \(source["source"]?.string ?? ""): \(share(of: source)) of \(models) \(source["models"]?.integer == 1 ? "has" : "have") a price"
            )
        }
        return lines
    }

    private func elements(_ name: String) -> [JSONValue] { answer?.field(name)?.elements.map { $0 } ?? [] }

    /// `99.8%`, rounded down, so that 100% are all.
    private func share(of object: JSONValue) -> String {
        guard let share = object["share"]?.string.flatMap({ Fraction(decimal: $0) }) else { return "none" }
        return Fraction(millionths: share.millionths / 1_000 * 1_000).percent
    }
}
