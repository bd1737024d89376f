import Accounting

@testable import Ledger

/// A slow reference for what credits pay. It applies nothing but the rules, nanodollar by nanodollar.
struct CreditReference {
    struct Bucket: Hashable {
        let day: CalendarDay
        let team: String
        let provider: String
        let model: String
    }

    struct Draw: Hashable {
        let credit: String
        let month: CalendarMonth
        let bucket: Bucket
    }

    /// The credits in the order they were added, without withdrawn ones.
    var credits: [Credit] = []
    private var costs: [CalendarMonth: [Bucket: Int64]] = [:]
    private var closed: [CalendarMonth: [Draw: Int64]] = [:]

    func isClosed(_ month: CalendarMonth) -> Bool { closed[month] != nil }

    mutating func book(_ cost: Int64, _ bucket: Bucket, in month: CalendarMonth) {
        costs[month, default: [:]][bucket, default: 0] += cost
    }

    mutating func close(_ month: CalendarMonth) { closed[month] = draws().filter { $0.key.month == month } }

    /// What the month has paid is worked out again.
    mutating func reopen(_ month: CalendarMonth) { closed[month] = nil }

    /// All amounts that credits ever paid, by draw. Draws that add up to zero are left out.
    func draws() -> [Draw: Int64] {
        var draws: [Draw: Int64] = [:]
        var left = Dictionary(uniqueKeysWithValues: credits.map { ($0.id, $0.amount.nanodollars) })
        var paid: [Bucket: [String: Int64]] = [:]
        func pay(_ nanodollars: Int64, _ draw: Draw) {
            draws[draw, default: 0] += nanodollars
            left[draw.credit]! -= nanodollars
            paid[draw.bucket, default: [:]][draw.credit, default: 0] += nanodollars
        }
        for (draw, nanodollars) in closed.values.joined() { pay(nanodollars, draw) }

        let order = credits.enumerated().sorted { Self.place($0) < Self.place($1) }.map(\.element)
        for month in costs.keys.sorted() where !isClosed(month) {
            let buckets = costs[month]!.sorted { Self.place($0.key) < Self.place($1.key) }
            for (bucket, cost) in buckets where cost < 0 {
                while let last = order.last(where: { paid[bucket]?[$0.id] ?? 0 > 0 }),
                    paid[bucket]!.values.reduce(0, +) > max(0, spent(bucket, through: month))
                {
                    pay(-1, Draw(credit: last.id, month: month, bucket: bucket))
                }
            }
            for (bucket, cost) in buckets where cost > 0 {
                for _ in 0..<cost where (paid[bucket] ?? [:]).values.reduce(0, +) < spent(bucket, through: month) {
                    let first = order.first { $0.pays(bucket) && left[$0.id]! > 0 }
                    guard let first else { break }
                    pay(1, Draw(credit: first.id, month: month, bucket: bucket))
                }
            }
        }
        return draws.filter { $0.value != 0 }
    }

    private func spent(_ bucket: Bucket, through month: CalendarMonth) -> Int64 {
        costs.filter { $0.key <= month }.reduce(0) { $0 + ($1.value[bucket] ?? 0) }
    }

    /// Texts that sort in the order in which buckets are paid.
    private static func place(_ bucket: Bucket) -> String {
        "\(bucket.day) \(bucket.team) \(bucket.provider) \(bucket.model)"
    }

    private static func place(_ credit: EnumeratedSequence<[Credit]>.Element) -> String {
        let (number, terms) = credit
        let width = terms.model == nil ? (terms.team == nil ? 3 : 2) : (terms.team == nil ? 1 : 0)
        return "\(terms.validUntil?.description ?? "none") \(width) \(terms.validFrom) \(number + 1000)"
    }
}

extension Credit {
    fileprivate func pays(_ bucket: CreditReference.Bucket) -> Bool {
        provider == bucket.provider && (model ?? bucket.model) == bucket.model && (team ?? bucket.team) == bucket.team
            && validFrom <= bucket.day && (validUntil.map { bucket.day < $0 } ?? true)
    }
}
