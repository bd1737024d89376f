import Accounting

/// A share as a bar of ten cells. Whatever is more than nothing fills one, and only the whole fills all.
enum Bar {
    static let width = 10

    static func drawn(_ share: Fraction, hasSigns: Bool) -> String {
        let cell = Fraction.whole.millionths / Int64(width)
        let filled = share.millionths <= 0 ? 0 : max(1, min(width, Int(share.millionths / cell)))
        let (full, empty) = hasSigns ? ("█", "░") : ("#", ".")
        return String(repeating: full, count: filled) + String(repeating: empty, count: width - filled)
    }
}
