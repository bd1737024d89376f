/// The places of open holds by the second in which they expire: a timing wheel.
///
/// Adding or removing a place changes two links, and a settled hold leaves nothing behind. A heap would keep every hold
/// until it expires: some fourteen million at 23,000 calls a second. The links are apart from the holds, so that a search
/// touches no hold.
struct ExpiryWheel: Sendable {
    /// The whole second in which a place is due. `before` and `after` link the places of one second; -1 ends the list.
    private struct Link: Sendable {
        var dueSecond: Int64 = 0
        var before: Int32 = -1
        var after: Int32 = -1
    }

    /// No hold lives longer than an hour. If the machine was suspended, some holds wait for another turn of the wheel.
    private static let turnSeconds = 4096

    private var links: [Link] = []
    /// By second modulo `turnSeconds`, the first of the places that are due in it; -1 for none.
    private var firsts = [Int32](repeating: -1, count: turnSeconds)
    /// No place is due before this second.
    private var firstSecond: Int64 = .max
    private var count = 0

    init() {}

    /// A place that is due by `now`.
    mutating func firstDue(by now: Timestamp) -> Int? {
        let last = now.seconds
        // One turn of the wheel visits every place, so the search need not start earlier.
        if firstSecond < last { firstSecond = max(firstSecond, last - Int64(Self.turnSeconds) + 1) }
        while firstSecond <= last, count > 0 {
            var place = firsts[Self.index(firstSecond)]
            while place >= 0, links[Int(place)].dueSecond > last { place = links[Int(place)].after }
            if place >= 0 { return Int(place) }
            firstSecond += 1
        }
        return nil
    }

    /// When the first place is due that `isWanted`, in the order in which places are due. After `limit` others the result
    /// is when the last of those is due.
    func nextDue(atMost limit: Int, _ isWanted: (Int) -> Bool) -> Timestamp? {
        guard count > 0 else { return nil }
        var left = limit
        for second in firstSecond..<(firstSecond + Int64(Self.turnSeconds)) {
            var place = Int(firsts[Self.index(second)])
            while place >= 0 {
                let link = links[place]
                left -= 1
                if left < 0 || isWanted(place) { return Timestamp(seconds: link.dueSecond) }
                place = Int(link.after)
            }
        }
        return nil
    }

    mutating func add(_ place: Int, dueAt moment: Timestamp) {
        while links.count <= place { links.append(Link()) }
        let second = Timestamp(microseconds: moment.microseconds + 999_999).seconds
        let index = Self.index(second)
        links[place] = Link(dueSecond: second, after: firsts[index])
        if firsts[index] >= 0 { links[Int(firsts[index])].before = Int32(place) }
        firsts[index] = Int32(place)
        firstSecond = min(firstSecond, second)
        count += 1
    }

    mutating func remove(_ place: Int) {
        let link = links[place]
        if link.after >= 0 { links[Int(link.after)].before = link.before }
        if link.before >= 0 {
            links[Int(link.before)].after = link.after
        } else {
            firsts[Self.index(link.dueSecond)] = link.after
        }
        count -= 1
    }

    private static func index(_ second: Int64) -> Int { Int(truncatingIfNeeded: second) & (turnSeconds - 1) }
}
