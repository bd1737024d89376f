import Accounting
import ArgumentParser

extension Fraction {
    /// Reads `80%` or `0.8`, exactly.
    static func argument(_ text: String) throws -> Fraction {
        try Negative.refuse(text)
        let share =
            text.hasSuffix("%")
            ? FixedPoint.parse(text.dropLast(), places: places - 2).map(Fraction.init(millionths:))
            : Fraction(decimal: text)
        guard let share, share.millionths > 0 else { throw ValidationError("write a share such as 80% or 0.8") }
        guard text.hasSuffix("%") || share <= whole else {
            throw ValidationError("\(text) is more than the whole; did you mean \(text)%?")
        }
        return share
    }

    /// Reads a share of a budget's limit.
    static func limitArgument(_ text: String) throws -> Fraction {
        let share = try argument(text)
        guard Budget.shareRange.contains(share) else {
            throw ValidationError("\(text) is more than \(Budget.shareRange.upperBound.percent), the most")
        }
        return share
    }

    /// Reads `50%,80%,100%`.
    static func limitListArgument(_ text: String) throws -> [Fraction] {
        let texts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard texts.count <= Budget.maximumAlerts else {
            throw ValidationError("these are \(texts.count) shares, and \(Budget.maximumAlerts) the most")
        }
        return try texts.map { text in
            do {
                return try limitArgument(String(text))
            } catch let error as ValidationError {
                throw texts.count == 1 ? error : ValidationError("at '\(text)': \(error.message)")
            }
        }
    }
}
