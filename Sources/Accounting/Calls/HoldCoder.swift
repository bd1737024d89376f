/// The compact binary form of a hold inside its id; the first byte tells the form.
enum HoldCoder {
    private static let form: UInt8 = 1

    static func encode(_ hold: Hold) -> [UInt8] {
        var writer = Writer()
        writer.bytes.append(form)
        writer.integer(hold.id.replicaID)
        writer.integer(hold.id.number)
        writer.text(hold.requestID)
        writer.text(hold.who.team)
        for name in [hold.who.feature, hold.who.user, hold.who.run] { writer.text(name ?? "") }
        writer.integer(Int64(hold.who.tags.count))
        for tag in hold.who.tags {
            writer.text(tag.key)
            writer.text(tag.value)
        }
        writer.text(hold.requestedModel)
        writer.text(hold.model.provider)
        writer.text(hold.model.model)
        writer.text(hold.tier.rawValue)
        writer.integer(hold.estimate?.nanodollars ?? -1)
        writer.integer(hold.authorizedAt.microseconds)
        writer.integer(hold.expiresAt.microseconds)
        writer.integer(Int64(hold.charges.count))
        for charge in hold.charges {
            writer.integer(charge.windowID)
            writer.integer(charge.budgetNumber)
            writer.integer(charge.amount)
            writer.bytes.append(charge.isLeased ? 1 : 0)
        }
        return writer.bytes
    }

    /// Nil only for a form this version does not know: the seal vouches for the rest.
    static func decode(_ bytes: [UInt8]) -> Hold? {
        var reader = Reader(rest: bytes[...])
        guard reader.byte() == form else { return nil }
        let id = HoldID(replicaID: reader.integer(), number: reader.integer())
        let requestID = reader.text()
        let team = reader.text()
        let names = (0..<3).map { _ in reader.text() }.map { $0.isEmpty ? nil : $0 }
        let tags = (0..<max(0, reader.integer())).map { _ in Tag(key: reader.text(), value: reader.text()) }
        let who = Attribution(team: team, feature: names[0], user: names[1], run: names[2], tags: tags)
        let requestedModel = reader.text()
        let model = ModelName(provider: reader.text(), model: reader.text())
        guard let tier = ServiceTier(rawValue: reader.text()) else { return nil }
        let estimate = reader.integer()
        let authorizedAt = Timestamp(microseconds: reader.integer())
        let expiresAt = Timestamp(microseconds: reader.integer())
        let charges = (0..<max(0, reader.integer())).map { _ in
            Hold.Charge(
                windowID: reader.integer(), budgetNumber: reader.integer(), amount: reader.integer(),
                isLeased: reader.byte() == 1)
        }
        guard !reader.isExhausted else { return nil }
        return Hold(
            id: id, requestID: requestID, who: who, requestedModel: requestedModel, model: model, tier: tier,
            estimate: estimate < 0 ? nil : Money(nanodollars: estimate), authorizedAt: authorizedAt,
            expiresAt: expiresAt, charges: charges)
    }

    private struct Writer {
        var bytes: [UInt8] = []

        /// Seven bits a byte, the sign folded into the lowest, so that small numbers stay short.
        mutating func integer(_ value: Int64) {
            var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }

        mutating func text(_ text: String) {
            integer(Int64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>
        /// Whether more was read than there was.
        private(set) var isExhausted = false

        init(rest: ArraySlice<UInt8>) { self.rest = rest }

        mutating func byte() -> UInt8 {
            if let byte = rest.popFirst() { return byte }
            isExhausted = true
            return 0
        }

        mutating func integer() -> Int64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while shift < 64 {
                let byte = byte()
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
        }

        mutating func text() -> String {
            let count = Int(integer())
            guard count >= 0, count <= rest.count else {
                isExhausted = true
                return ""
            }
            defer { rest = rest.dropFirst(count) }
            return String(decoding: rest.prefix(count), as: UTF8.self)
        }
    }
}
