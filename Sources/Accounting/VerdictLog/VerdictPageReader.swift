/// Reads the records of a page one by one, in their order.
package struct VerdictPageReader: Sendable {
    private let content: [UInt8]
    /// By place in the page's list.
    private let users: [String]
    private var offset = 1
    private var time: Int64 = 0
    private var lastHoldNumber: Int64 = 0
    private var kinds: [CallKind] = []
    private var texts: [String] = []
    /// Whether the reading ended before the page did: at what a later version has written, or at damage.
    package private(set) var isCut = false

    /// Nil for a page of a later version.
    ///
    /// - Parameter users: in the order of the page's own list.
    package init?(_ content: [UInt8], users: [String]) {
        guard content.first == VerdictLog.form else { return nil }
        self.content = content
        self.users = users
    }

    package init?(_ page: VerdictPage) { self.init(page.content, users: page.users) }

    /// Nil at the end, and at what no version before this one could have written.
    package mutating func next() -> VerdictRecord? {
        guard offset < content.count else { return nil }
        // The reader must not be in the closure that lends it the bytes.
        let content = content
        return content.withUnsafeBytes { bytes in
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            let record = record(&reader)
            guard let record, !reader.isExhausted else {
                (offset, isCut) = (content.count, true)
                return nil
            }
            offset = bytes.count - reader.bytesLeft
            return record
        }
    }

    private mutating func record(_ reader: inout ByteReader) -> VerdictRecord? {
        guard let sort = VerdictRecordSort(byte: reader.byte()) else { return nil }
        time &+= reader.integer()
        let at = Timestamp(microseconds: time)
        switch sort {
        case .call(let kind, let isUsual): return call(&reader, kind, isUsual, at).map(VerdictRecord.call)
        case .end(let how): return end(&reader, how, at).map(VerdictRecord.end)
        case .extended: return .extended(extended(&reader, at))
        case .charge(let calls): return charge(&reader, calls, at).map(VerdictRecord.charge)
        }
    }

    private mutating func call(
        _ reader: inout ByteReader, _ verdict: Verdict.Kind, _ isUsual: Bool, _ at: Timestamp
    ) -> LoggedCall? {
        guard let kind = kind(&reader) else { return nil }
        let who = attribution(&reader, kind)
        let requestID = reader.text()
        let (inputTokens, cachedInputTokens) = (reader.integer(), reader.integer())
        let maxOutputTokens = reader.optional()
        var (minOutputTokens, waitMilliseconds): (Int64?, Int64) = (nil, 0)
        var holdSeconds = Call.defaultHoldSeconds
        var bounds: [Quantities.Line] = []
        if !isUsual {
            (minOutputTokens, waitMilliseconds, holdSeconds) = (reader.optional(), reader.integer(), reader.integer())
            for _ in 0..<reader.count() {
                bounds.append(Quantities.Line(meter: Meter(text(&reader) ?? ""), quantity: reader.integer()))
            }
        }
        let estimate = reader.optional()
        var (holdNumber, heldOutput): (Int64?, Int64?)
        if verdict != .deny {
            lastHoldNumber &+= reader.integer()
            (holdNumber, heldOutput) = (lastHoldNumber, reader.optional())
        }
        var reason: Reason.Code?
        if verdict != .admit { reason = text(&reader).flatMap(Reason.Code.init) }
        let call = Call(
            requestID: requestID, who: who, model: kind.model, provider: kind.provider, tier: kind.tier,
            region: kind.region, inputTokens: inputTokens, cachedInputTokens: cachedInputTokens,
            maxOutputTokens: maxOutputTokens, minOutputTokens: minOutputTokens, bounds: bounds, models: kind.models,
            holdSeconds: holdSeconds, waitMilliseconds: waitMilliseconds)
        return LoggedCall(
            at: at, call: call, kind: verdict, reason: reason, served: kind.served,
            estimate: estimate.map(Money.init(nanodollars:)), maxOutputTokens: heldOutput, holdNumber: holdNumber)
    }

    private mutating func end(_ reader: inout ByteReader, _ how: LoggedEnd.How, _ at: Timestamp) -> LoggedEnd? {
        let makerID = reader.optional()
        let holdNumber = lastHoldNumber &+ reader.integer()
        guard how.hasUsage else {
            return LoggedEnd(at: at, how: how, makerID: makerID, holdNumber: holdNumber, settled: nil)
        }
        let (provider, model) = (reader.text(), reader.text())
        let served = model.isEmpty ? nil : ModelName(provider: provider, model: model)
        let cost = reader.optional()
        let occurredAfter = reader.integer()
        var lines: [Quantities.Line] = []
        let count = reader.count()
        lines.reserveCapacity(Int(count))
        for _ in 0..<count {
            lines.append(
                Quantities.Line(
                    meter: Meter(text(&reader) ?? ""), quantity: reader.integer(), passTokens: reader.integer()))
        }
        return LoggedEnd(
            at: at, how: how, makerID: makerID, holdNumber: holdNumber,
            settled: LoggedEnd.Settled(
                served: served, cost: cost.map(Money.init(nanodollars:)), quantities: Quantities(stored: lines),
                occurredMicrosecondsLater: occurredAfter))
    }

    private func extended(_ reader: inout ByteReader, _ at: Timestamp) -> LoggedExtension {
        let makerID = reader.optional()
        let holdNumber = lastHoldNumber &+ reader.integer()
        return LoggedExtension(at: at, makerID: makerID, holdNumber: holdNumber, microseconds: reader.integer())
    }

    private mutating func charge(_ reader: inout ByteReader, _ calls: Int64, _ at: Timestamp) -> LoggedCharge? {
        guard let kind = kind(&reader), let served = kind.served else { return nil }
        let who = attribution(&reader, kind)
        let occurredAt = Timestamp(microseconds: at.microseconds &+ reader.integer())
        let cost = reader.byte() == 0 ? nil : Money(nanodollars: reader.integer())
        return LoggedCharge(
            at: at, who: who, served: served, cost: cost, tokens: reader.integer(), calls: calls,
            occurredAt: occurredAt)
    }

    private mutating func kind(_ reader: inout ByteReader) -> CallKind? {
        let number = Int(reader.integer())
        if number == kinds.count { kinds.append(CallKind(from: &reader)) }
        return kinds.indices.contains(number) ? kinds[number] : nil
    }

    private mutating func attribution(_ reader: inout ByteReader, _ kind: CallKind) -> Attribution {
        let user = Int(reader.integer()) - 1
        return Attribution(
            team: kind.team, feature: kind.feature, user: users.indices.contains(user) ? users[user] : nil,
            run: text(&reader), sortedTags: kind.tags)
    }

    private mutating func text(_ reader: inout ByteReader) -> String? {
        let number = Int(reader.integer()) - 1
        if number == texts.count { texts.append(reader.text()) }
        return texts.indices.contains(number) ? texts[number] : nil
    }
}
