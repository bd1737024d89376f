import JSON

/// Reading one count. Each value that is read is marked, so that what is left over can be told.
extension UsageReader {
    /// Returns a count if it is a whole number in range; null is 0. It may be written as `512.0`. Some providers write
    /// digits in a string.
    mutating func check(
        _ count: JSONValue, at path: @autoclosure () -> String, takesDigits: Bool = true
    ) -> Int64 {
        use(count)
        if count.isNull { return 0 }
        if let integer = count.integer { return bounded(integer, at: path()) }
        guard takesDigits || count.kind == .number, let whole = Self.scaled(count, .exact) else {
            refuse(path(), "must be \(expectation)")
            return 0
        }
        return bounded(whole, at: path())
    }

    /// A count that the provider writes as a decimal (`5.2`), rounded up.
    mutating func roundedUp(_ name: StaticString, in group: UsageGroup?) -> Int64 {
        guard let group, let number = group.value[name] else { return 0 }
        use(number)
        if number.isNull { return 0 }
        guard let count = Self.scaled(number, .up) else {
            refuse(group.path(to: name), "must be a number")
            return 0
        }
        return bounded(count, at: group.path(to: name))
    }

    private static func scaled(_ number: JSONValue, _ rounding: FixedPoint.Rounding) -> Int64? {
        switch number.kind {
        case .number: FixedPoint.scaled(number: number.text, places: 0, rounding: rounding)
        case .string where isDecimal(number.text): FixedPoint.scaled(number: number.text, places: 0, rounding: rounding)
        default: nil
        }
    }

    /// Digits, with a point between them at most.
    private static func isDecimal(_ text: Substring.UTF8View) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count <= 2 && text.count <= 20
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 } }
    }

    private mutating func bounded(_ count: Int64, at path: @autoclosure () -> String) -> Int64 {
        if (0...(limits?.quantity ?? Usage.maximumQuantity)).contains(count) { return count }
        refuse(path(), "must be \(expectation)")
        return 0
    }

    private var expectation: String {
        limits?.quantityExpectation ?? "a whole number from 0 to \(Usage.maximumQuantity)"
    }

    /// The count of a field; 0 if the field or its group is absent or null.
    mutating func count(_ name: StaticString, in group: UsageGroup?) -> Int64 {
        guard let group, let found = group.value[name] else { return 0 }
        return check(found, at: group.path(to: name))
    }

    mutating func count(_ name: StaticString) -> Int64 {
        guard let found = value[name] else { return 0 }
        return check(found, at: "\(name)")
    }

    /// The count of a whole prompt or output, for which providers charge. Null is not 0 there.
    mutating func whole(_ name: StaticString, _ side: Meter, in group: UsageGroup? = nil) -> Int64 {
        let group = group ?? whole
        guard let found = group.value[name] else { return 0 }
        if found.isNull { nullWholes.append((group.path(to: name), side)) }
        return check(found, at: group.path(to: name))
    }

    /// The same for a whole that may have either of two names.
    mutating func whole(_ name: StaticString, or other: StaticString, _ side: Meter) -> Int64 {
        guard value[name] != nil else { return whole(other, side) }
        let count = whole(name, side)
        return count > 0 ? same(count, other, in: whole) : max(count, self.count(other))
    }

    /// Adds what was counted in the answer, beside the usage object.
    mutating func countBeside(_ meter: Meter, _ count: Int64, in parts: inout UsageParts) {
        guard count > 0 else { return }
        parts.add(meter, count)
        countedBeside.append(Quantities.Line(meter: meter, quantity: count))
    }

    /// A count that may have either of two names. Returns the first that is above 0. Another that says something else is
    /// left unread.
    mutating func count(_ name: StaticString, or other: StaticString, in group: UsageGroup?) -> Int64 {
        let count = count(name, in: group)
        return count > 0 ? same(count, other, in: group) : self.count(other, in: group)
    }

    /// Marks a field that says `count` once more. If it says something else, it stays unread.
    @discardableResult mutating func same(_ count: Int64, _ name: StaticString, in group: UsageGroup?) -> Int64 {
        if let found = group?.value[name], found.integer == count || found.isNull { use(found) }
        return count
    }
}
