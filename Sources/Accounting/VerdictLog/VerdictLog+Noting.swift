extension VerdictLog {
    /// What is written of a record of any sort at the most, besides its texts and lists.
    private static let fixedBytes = 32 * ByteWriter.maximumIntegerBytes

    package mutating func note(_ verdict: Verdict, of call: Call, at now: Timestamp) {
        guard isOn else { return }
        let served = verdict.model
        let kind = page.kinds.number(of: call, served: served)
        let user = call.who.user.map { page.users.number(of: $0).number + 1 } ?? 0
        let run = call.who.run.map { page.texts.number(of: $0) }
        let reason = verdict.reason
        // Texts are numbered in the order in which the record has them.
        let meters = call.bounds.isEmpty ? [] : call.bounds.map { page.texts.number(of: $0.meter.name) }
        let code = reason.map { page.texts.number(of: $0.code.rawValue) }
        var most = Self.fixedBytes + call.requestID.utf8.count + (call.who.run?.utf8.count ?? 0)
        most += call.bounds.reduce(0) { $0 + $1.meter.name.utf8.count + 3 * ByteWriter.maximumIntegerBytes }
        let newKind = kind.isNew ? CallKind(of: call, served: served) : nil
        if let newKind { most += newKind.maximumBytes }
        let passed = page.begin(at: now, bytes: most)
        let holdNumber = verdict.hold?.id.number
        let isUsual =
            call.minOutputTokens == nil && call.bounds.isEmpty && call.waitMilliseconds == 0
            && call.holdSeconds == Call.defaultHoldSeconds
        let (start, lastHoldNumber) = (page.used, page.lastHoldNumber)
        page.used += page.bytes.withUnsafeMutableBytes { buffer in
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            writer.byte(VerdictRecordSort.call(verdict.kind, isUsual: isUsual).byte)
            writer.integer(passed)
            writer.integer(Int64(kind.number))
            newKind?.write(to: &writer)
            writer.integer(Int64(user))
            writer.name(run, call.who.run)
            writer.text(call.requestID)
            writer.integer(call.inputTokens)
            writer.integer(call.cachedInputTokens)
            writer.optional(call.maxOutputTokens)
            if !isUsual {
                writer.optional(call.minOutputTokens)
                writer.integer(call.waitMilliseconds)
                writer.integer(call.holdSeconds)
                writer.integer(Int64(call.bounds.count))
                for (bound, meter) in zip(call.bounds, meters) {
                    writer.name(meter, bound.meter.name)
                    writer.integer(bound.quantity)
                }
            }
            writer.optional(verdict.estimate?.nanodollars)
            if let holdNumber {
                writer.integer(holdNumber - lastHoldNumber)
                writer.optional(verdict.maxOutputTokens)
            }
            if verdict.kind != .admit { writer.name(code, reason?.code.rawValue) }
            return writer.count
        }
        if let holdNumber { page.lastHoldNumber = holdNumber }
        page.callCount += 1
        sealIfFull()
    }

    package mutating func note(
        end how: LoggedEnd.How, of hold: Hold, settled: LoggedEnd.Settled? = nil, at now: Timestamp? = nil
    ) {
        guard isOn else { return }
        let now = now ?? (page.used > 0 ? page.last : hold.authorizedAt)
        let makerID = hold.id.replicaID == replicaID ? nil : hold.id.replicaID
        let lines = settled?.quantities.lines ?? []
        let meters = lines.map { page.texts.number(of: $0.meter.name) }
        var most = Self.fixedBytes + lines.reduce(0) { $0 + $1.meter.name.utf8.count + 40 }
        most += (settled?.served).map { $0.provider.utf8.count + $0.model.utf8.count } ?? 0
        let passed = page.begin(at: now, bytes: most)
        let (start, lastHoldNumber) = (page.used, page.lastHoldNumber)
        page.used += page.bytes.withUnsafeMutableBytes { buffer in
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            writer.byte(VerdictRecordSort.end(how).byte)
            writer.integer(passed)
            writer.optional(makerID)
            writer.integer(hold.id.number - lastHoldNumber)
            guard let settled else { return writer.count }
            writer.text(settled.served?.provider ?? "")
            writer.text(settled.served?.model ?? "")
            writer.optional(settled.cost?.nanodollars)
            writer.integer(settled.occurredMicrosecondsLater)
            writer.integer(Int64(lines.count))
            for (line, meter) in zip(lines, meters) {
                writer.name(meter, line.meter.name)
                writer.integer(line.quantity)
                writer.integer(line.passTokens)
            }
            return writer.count
        }
        sealIfFull()
    }

    /// Notes that an open hold lasts `microseconds` yet.
    package mutating func note(extended hold: Hold, byMicroseconds microseconds: Int64, at now: Timestamp) {
        guard isOn else { return }
        let makerID = hold.id.replicaID == replicaID ? nil : hold.id.replicaID
        let passed = page.begin(at: now, bytes: Self.fixedBytes)
        let (start, lastHoldNumber) = (page.used, page.lastHoldNumber)
        page.used += page.bytes.withUnsafeMutableBytes { buffer in
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            writer.byte(VerdictRecordSort.extended.byte)
            writer.integer(passed)
            writer.optional(makerID)
            writer.integer(hold.id.number - lastHoldNumber)
            writer.integer(microseconds)
            return writer.count
        }
        sealIfFull()
    }

    package mutating func note(_ charge: LoggedCharge) {
        guard isOn else { return }
        let user = charge.who.user.map { page.users.number(of: $0).number + 1 } ?? 0
        let run = charge.who.run.map { page.texts.number(of: $0) }
        // A charge is told in the form of a call of the model that served it.
        let call = Call(requestID: "", who: charge.who, model: charge.served.model, inputTokens: 0)
        let kind = page.kinds.number(of: call, served: charge.served)
        let newKind = kind.isNew ? CallKind(of: call, served: charge.served) : nil
        let most = Self.fixedBytes + (newKind?.maximumBytes ?? 0) + (charge.who.run?.utf8.count ?? 0)
        let passed = page.begin(at: charge.at, bytes: most)
        let start = page.used
        page.used += page.bytes.withUnsafeMutableBytes { buffer in
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            writer.byte(VerdictRecordSort.charge(calls: charge.calls).byte)
            writer.integer(passed)
            writer.integer(Int64(kind.number))
            newKind?.write(to: &writer)
            writer.integer(Int64(user))
            writer.name(run, charge.who.run)
            writer.integer(charge.occurredAt.microseconds - charge.at.microseconds)
            writer.byte(charge.cost == nil ? 0 : 1)
            if let cost = charge.cost { writer.integer(cost.nanodollars) }
            writer.integer(charge.tokens)
            return writer.count
        }
        sealIfFull()
    }
}
