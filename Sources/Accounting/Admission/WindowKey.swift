/// Identifies a window by its budget, its value and its span, because it may have no row yet.
package struct WindowKey: Hashable, Sendable {
    package let budgetNumber: Int64
    package let span: WindowSpan
    package internal(set) var value: WindowValue

    package init(budgetNumber: Int64, span: WindowSpan, value: WindowValue = .none) {
        self.budgetNumber = budgetNumber
        self.span = span
        self.value = value
    }

    /// The number under which the windows of this budget and value are kept. Two values may share one.
    var valueKey: UInt64 {
        if value.isNone { return UInt64(bitPattern: budgetNumber) }
        var key = QuickHash()
        key.combine(budgetNumber)
        for text in value.values { key.combine(QuickHash(text).value) }
        return key.value
    }

    func isOver(by now: Timestamp) -> Bool { span.end.map { $0 <= now } ?? false }
}
