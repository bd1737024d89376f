/// Sums that stop at the end of their range. A sum of amounts that come from outside or from the database must never
/// stop the server: a window near the end of the range only has nothing left, or is over its limit by the most that can
/// be said.
extension Int64 {
    package func plus(_ other: Int64) -> Int64 {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? (other < 0 ? .min : .max) : sum
    }

    package func minus(_ other: Int64) -> Int64 {
        let (difference, isOver) = subtractingReportingOverflow(other)
        return isOver ? (other < 0 ? .max : .min) : difference
    }

    package mutating func increase(by other: Int64) { self = plus(other) }
    package mutating func decrease(by other: Int64) { self = minus(other) }
}
