/// Finds the place of an element by its number: a hash table with linear probing, for tables that every verdict looks
/// into several times. The standard dictionary takes three times as long, most of it to hash the number.
///
/// The table spreads numbers but does not hide how: numbers must be our own, or hashes that nobody outside can predict
/// (`QuickHash`).
struct PlaceTable: Sendable {
    private struct Slot: Sendable {
        var number: UInt64
        /// -1 marks a vacant slot.
        var place: Int32
    }

    private static let vacant = Slot(number: 0, place: -1)

    private var slots = [Slot](repeating: vacant, count: 16)
    /// 64 less the binary logarithm of the number of slots.
    private var shift: UInt64 = 60
    private(set) var count = 0

    init() {}

    /// At most 2^31 places.
    subscript(number: UInt64) -> Int? {
        get {
            slots.withUnsafeBufferPointer { slots in
                var index = home(of: number)
                while slots[index].place >= 0 {
                    if slots[index].number == number { return Int(slots[index].place) }
                    index = (index + 1) & (slots.count - 1)
                }
                return nil
            }
        }
        set {
            if let newValue { _ = put(newValue, for: number) } else { remove(number) }
        }
    }

    subscript(number: Int64) -> Int? {
        get { self[UInt64(bitPattern: number)] }
        set { self[UInt64(bitPattern: number)] = newValue }
    }

    /// Sets the place of a number and returns the one it had.
    mutating func put(_ place: Int, for number: UInt64) -> Int? {
        if count * 2 >= slots.count { grow() }
        var index = home(of: number)
        while slots[index].place >= 0 {
            if slots[index].number == number {
                defer { slots[index].place = Int32(place) }
                return Int(slots[index].place)
            }
            index = next(index)
        }
        slots[index] = Slot(number: number, place: Int32(place))
        count += 1
        return nil
    }

    private mutating func remove(_ number: UInt64) {
        var index = home(of: number)
        while slots[index].place < 0 || slots[index].number != number {
            guard slots[index].place >= 0 else { return }
            index = next(index)
        }
        count -= 1
        // Moves back every later element of the run that the gap would cut off from its home.
        var gap = index
        while true {
            index = next(index)
            guard slots[index].place >= 0 else { break }
            let distance = (index - home(of: slots[index].number)) & (slots.count - 1)
            if distance >= (index - gap) & (slots.count - 1) {
                slots[gap] = slots[index]
                gap = index
            }
        }
        slots[gap] = Self.vacant
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Self.vacant, count: old.count * 2)
        shift -= 1
        count = 0
        for slot in old where slot.place >= 0 { _ = put(Int(slot.place), for: slot.number) }
    }

    @inline(__always)
    private func home(of number: UInt64) -> Int { Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> shift) }

    @inline(__always)
    private func next(_ index: Int) -> Int { (index + 1) & (slots.count - 1) }
}
