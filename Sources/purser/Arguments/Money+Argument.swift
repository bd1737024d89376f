import Accounting
import ArgumentParser

extension Money {
    /// Reads an amount in USD such as `500` or `0.25`, exactly.
    static func argument(_ text: String) throws -> Money {
        try Negative.refuse(text)
        guard let money = Money(usd: text), money <= maximumInput else {
            throw ValidationError("write an amount in USD such as 500 or 0.25, at most nine places and a billion")
        }
        return money
    }
}
