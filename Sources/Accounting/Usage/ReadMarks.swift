/// The values of a document that a reader has used, by their places. Usage objects are so short that four words are
/// enough for nearly all of them.
struct ReadMarks {
    private var near = InlineArray<4, UInt64>(repeating: 0)
    private var far: Set<Int> = []

    private static let nearPlaces = 256

    mutating func insert(_ place: Int) {
        if place < Self.nearPlaces {
            near[place / UInt64.bitWidth] |= 1 << UInt64(place % UInt64.bitWidth)
        } else {
            far.insert(place)
        }
    }

    func contains(_ place: Int) -> Bool {
        if place >= Self.nearPlaces { return far.contains(place) }
        return near[place / UInt64.bitWidth] & 1 << UInt64(place % UInt64.bitWidth) != 0
    }
}
