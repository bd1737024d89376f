/// The first byte of a record: what it is a record of. It is stored, so no number ever gets another meaning.
enum VerdictRecordSort {
    /// `isUsual`: the call has nothing that few calls have.
    case call(Verdict.Kind, isUsual: Bool)
    case end(LoggedEnd.How)
    case charge(calls: Int64)
    case extended

    private static let kinds: [Verdict.Kind] = [.admit, .downgrade, .deny]

    var byte: UInt8 {
        switch self {
        case .call(let kind, let isUsual):
            (kind == .admit ? 0 : kind == .downgrade ? 1 : 2) + (isUsual ? 0 : 4)
        case .end(let how): 16 + how.rawValue
        case .charge(let calls): UInt8(33 - calls)
        case .extended: 48
        }
    }

    /// Nil for a record of a later version.
    init?(byte: UInt8) {
        switch byte {
        case 0..<8 where byte & 3 < 3: self = .call(Self.kinds[Int(byte & 3)], isUsual: byte & 4 == 0)
        case 16..<32:
            guard let how = LoggedEnd.How(rawValue: byte - 16) else { return nil }
            self = .end(how)
        case 32...34: self = .charge(calls: 33 - Int64(byte))
        case 48: self = .extended
        default: return nil
        }
    }
}

extension ByteWriter {
    /// The most bytes that an integer takes.
    static let maximumIntegerBytes = 10

    /// A number that is not negative, or nothing.
    mutating func optional(_ value: Int64?) { integer(value.map { $0 + 1 } ?? 0) }

    /// A text by its number, and in full the first time.
    mutating func name(_ numbered: (number: Int, isNew: Bool)?, _ text: String?) {
        guard let numbered, let text else { return integer(0) }
        integer(Int64(numbered.number) + 1)
        if numbered.isNew { self.text(text) }
    }
}

extension ByteReader {
    mutating func optional() -> Int64? {
        let value = integer()
        return value == 0 ? nil : value - 1
    }

    /// How many follow. What is damaged must not ask for endless memory.
    mutating func count() -> Int64 { max(0, min(integer(), 1 << 16)) }
}
