/// Elements that stay at the place where they are put. The place of a removed element is used again.
struct SlotMap<Element: Sendable>: Sendable {
    private var elements: [Element?] = []
    private var vacant: [Int] = []

    var count: Int { elements.count - vacant.count }
    var occupied: some Sequence<Element> { elements.lazy.compactMap { $0 } }

    /// The element at a place that is known to be occupied.
    subscript(place: Int) -> Element {
        _read { yield elements[place]! }
        _modify { yield &elements[place]! }
    }

    mutating func put(_ element: consuming Element) -> Int {
        if let place = vacant.popLast() {
            elements[place] = element
            return place
        }
        elements.append(element)
        return elements.count - 1
    }

    mutating func take(_ place: Int) -> Element {
        vacant.append(place)
        return elements[place].take()!
    }
}
