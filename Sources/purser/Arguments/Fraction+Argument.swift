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

    /// Reads `50%,80%,100%`.
    static func listArgument(_ text: String) throws -> [Fraction] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { try argument(String($0)) }
    }
}
