import Accounting
import JSON

/// Of a model's prices, those that hold now and those to come.
enum CurrentPrices {
    static func of(_ prices: [JSONValue], at now: Timestamp) -> [JSONValue] {
        var newest: [[String]: Timestamp] = [:]
        for price in prices where hasBegun(price, now) {
            newest[place(price)] = max(newest[place(price)] ?? begin(price), begin(price))
        }
        return prices.filter { price in
            price["superseded_by"]?.integer == nil
                && (begin(price) > now || hasBegun(price, now) && begin(price) == newest[place(price)])
        }
    }

    /// Whether it has begun, has not ended, and no row put it right.
    private static func hasBegun(_ price: JSONValue, _ now: Timestamp) -> Bool {
        let end = price["valid_until"]?.string.flatMap { Timestamp(rfc3339: $0) }
        return begin(price) <= now && (end.map { now < $0 } ?? true) && price["superseded_by"]?.integer == nil
    }

    private static func begin(_ price: JSONValue) -> Timestamp {
        price["valid_from"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? Timestamp(seconds: 0)
    }

    private static func place(_ price: JSONValue) -> [String] {
        ["meter", "service_tier", "region", "hours"].map { price.field($0)?.string ?? "" }
            + ["\(price["above_context_tokens"]?.integer ?? 0)"]
    }
}
