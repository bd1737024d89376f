import Accounting
import ArgumentParser
import JSON
import Wording

/// A `[tier/]meter[>context]=usd[,least=quantity]` argument: the price of a million tokens, or of one unit of any other
/// meter.
struct MeterRate: Equatable {
    var meter: String
    var tier: ServiceTier
    var aboveContextTokens: Int64
    /// In 1e-15 USD.
    var femtodollarsPerUnit: Int64
    /// What a call that uses any of the meter is charged for at the least; nil for what the list says.
    var leastQuantity: Int64?

    private static let expectation =
        "write a rate such as input_tokens=4.50, batch/output_tokens=10 or web_searches=0.01"

    static func argument(_ text: String) throws -> MeterRate {
        let terms = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        let sides = terms[0].split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, terms.count == 1 || terms[1].hasPrefix("least=") else {
            throw ValidationError(expectation)
        }
        let path = sides[0].split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(path.count),
            !path.contains("")
        else { throw ValidationError(expectation) }
        let tier = path.count == 2 ? try tier(String(path[0])) : .standard
        let place = path[path.count - 1].split(separator: ">", omittingEmptySubsequences: false)
        guard (1...2).contains(place.count), !place[0].isEmpty else { throw ValidationError(expectation) }
        let meter = String(place[0])
        // A price per million tokens in USD with nine places has the same digits as a price per token in femtodollars.
        let places = meter.hasSuffix("_tokens") ? Price.places - 6 : Price.places
        guard let price = FixedPoint.parse(sides[1], places: places), price >= 0 else {
            throw ValidationError(expectation)
        }
        let above = place.count == 2 ? try Quantity.argument(String(place[1])) : 0
        let least = terms.count == 2 ? try Quantity.argument(String(terms[1].dropFirst(6))) : nil
        return MeterRate(
            meter: meter, tier: tier, aboveContextTokens: above, femtodollarsPerUnit: price, leastQuantity: least)
    }

    private static func tier(_ name: String) throws -> ServiceTier {
        if let tier = ServiceTier(rawValue: name) { return tier }
        let names = ServiceTier.allCases.map(\.rawValue)
        throw ValidationError(
            "\(name) is not a service tier\(NearestNames.hint(for: name, among: names)); they are \(names.joined(separator: ", "))"
        )
    }

    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("meter", meter)
            $0.field("service_tier", tier.rawValue)
            $0.field("above_context_tokens", aboveContextTokens)
            $0.field("unit_price_usd", FixedPoint.text(femtodollarsPerUnit, places: Price.places))
            if let leastQuantity { $0.field("least_quantity", leastQuantity) }
        }
    }
}
