import SeededRandom
import Testing

@testable import Accounting

@Suite("The verdict log") struct VerdictLogTests {
    /// Makes random records, and what must be read of them.
    private struct Writing {
        var log = VerdictLog(replicaID: 7)
        var random: SplitMix64
        var expected: [VerdictRecord] = []
        private var now = EngineFixture.start
        private var holds: [Hold] = []

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
            log.isOn = true
        }

        private mutating func maybe<Value>(_ percent: Int, _ make: (inout SplitMix64) -> Value) -> Value? {
            random.chance(percent: percent) ? make(&random) : nil
        }

        private mutating func text() -> String {
            random.chance(percent: 70) ? random.pick(["a", "b", "é"]) : random.name()
        }

        private mutating func who() -> Attribution {
            let names = (0..<3).map { _ in random.chance(percent: 40) ? text() : nil }
            let tags = Dictionary((0..<random.int(0...2)).map { _ in (text(), text()) }) { $1 }
            return Attribution(
                team: text(), feature: names[0], user: names[1], run: names[2],
                tags: tags.map { Tag(key: $0.key, value: $0.value) })
        }

        private mutating func quantities() -> Quantities {
            Quantities(
                stored: (0..<random.int(0...3)).map { _ in
                    Quantities.Line(
                        meter: random.pick(Meter.named + [Meter("clips")]), quantity: random.anySize(),
                        passTokens: random.chance(percent: 20) ? random.anySize() : 0)
                })
        }

        private mutating func call() {
            let call = Call(
                requestID: random.name(1...64), who: who(), model: text(), provider: maybe(30) { $0.name() },
                tier: random.pick(ServiceTier.allCases), region: maybe(10) { $0.name() }, inputTokens: random.anySize(),
                cachedInputTokens: random.anySize(), maxOutputTokens: maybe(80) { $0.anySize(upTo: 1 << 60) },
                minOutputTokens: maybe(10) { $0.anySize(upTo: 1 << 60) },
                bounds: random.chance(percent: 10)
                    ? quantities().lines.map { .init(meter: $0.meter, quantity: $0.quantity) } : [],
                models: maybe(20) { random in (0..<random.int(0...3)).map { _ in random.name() } },
                holdSeconds: random.chance(percent: 10) ? 60 : Call.defaultHoldSeconds,
                waitMilliseconds: random.chance(percent: 10) ? 500 : 0)
            let estimate = maybe(90) { Money(nanodollars: $0.anySize(upTo: 1 << 60)) }
            let kind = random.pick([Verdict.Kind.admit, .downgrade, .deny])
            let reason =
                kind == .admit
                ? nil : Reason(code: random.pick(Reason.Code.allCases), message: "No.", budgetID: "budget-4")
            let served = ModelName(provider: text(), model: text())
            let hold =
                kind == .deny
                ? nil
                : Hold(
                    id: HoldID(replicaID: 7, number: random.anySize(upTo: 1 << 60)), requestID: call.requestID,
                    who: call.who,
                    requestedModel: call.model, model: served, tier: call.tier, estimate: estimate, authorizedAt: now,
                    expiresAt: now, charges: [])
            if let hold { holds.append(hold) }
            let output = hold == nil ? nil : maybe(90) { $0.anySize(upTo: 1 << 60) }
            let verdict = Verdict(
                kind: kind, requestID: call.requestID, model: hold?.model, estimate: estimate, hold: hold,
                expiresAt: nil,
                maxOutputTokens: output, reason: reason, budgets: [], warnings: [])
            log.note(verdict, of: call, at: now)
            expected.append(
                .call(
                    LoggedCall(
                        at: now, call: call, kind: kind, reason: reason?.code, served: hold?.model, estimate: estimate,
                        maxOutputTokens: output, holdNumber: hold?.id.number)))
        }

        private mutating func end() {
            guard var hold = holds.popLast() else { return }
            let isRemote = random.chance(percent: 10)
            if isRemote {
                hold = Hold(
                    id: HoldID(replicaID: 9, number: hold.id.number), requestID: hold.requestID, who: hold.who,
                    requestedModel: hold.requestedModel, model: hold.model, tier: hold.tier, estimate: nil,
                    authorizedAt: hold.authorizedAt, expiresAt: hold.expiresAt, charges: [])
            }
            let how = random.pick([
                LoggedEnd.How.settled, .settled, .voided, .expired, .withdrawn, .repeated, .estimated,
            ])
            let settled =
                how.hasUsage
                ? LoggedEnd.Settled(
                    served: maybe(20) { ModelName(provider: $0.name(), model: $0.name()) },
                    cost: maybe(90) { Money(nanodollars: $0.anySize(upTo: 1 << 60)) }, quantities: quantities(),
                    occurredMicrosecondsLater: random.int64(-1_000_000...1_000_000)) : nil
            log.note(end: how, of: hold, settled: settled, at: now)
            expected.append(
                .end(
                    LoggedEnd(
                        at: now, how: how, makerID: isRemote ? 9 : nil, holdNumber: hold.id.number, settled: settled)))
        }

        private mutating func extend() {
            guard let hold = holds.last else { return }
            let microseconds = random.anySize()
            log.note(extended: hold, byMicroseconds: microseconds, at: now)
            expected.append(
                .extended(
                    LoggedExtension(at: now, makerID: nil, holdNumber: hold.id.number, microseconds: microseconds)))
        }

        private mutating func charge() {
            let charge = LoggedCharge(
                at: now, who: who(), served: ModelName(provider: text(), model: text()),
                cost: maybe(90) { Money(nanodollars: $0.int64(-1_000...1_000_000)) }, tokens: random.anySize(),
                calls: random.int64(-1...1), occurredAt: now.adding(seconds: random.int64(-1_000...0)))
            log.note(charge)
            expected.append(.charge(charge))
        }

        mutating func record() {
            // A wall clock may be set back.
            now = Timestamp(microseconds: now.microseconds + random.int64(-1_000...1_000_000))
            switch random.int(0...9) {
            case 0...5: call()
            case 6: extend()
            case 7...8: end()
            default: charge()
            }
        }
    }

    private static func read(_ pages: [VerdictPage]) -> [VerdictRecord] {
        pages.flatMap { page -> [VerdictRecord] in
            var reader = VerdictPageReader(page)
            let records = Array(sequence(state: ()) { _ in reader?.next() })
            #expect(reader?.isCut == false)
            return records
        }
    }

    @Test("is read as it was written, over as many pages as it takes", arguments: seeds)
    func identity(seed: UInt64) {
        var writing = Writing(seed: seed)
        var pages: [VerdictPage] = []
        for _ in 0..<5 {
            for _ in 0..<2_000 { writing.record() }
            pages += writing.log.take()
        }
        #expect(pages.count > 5 && pages.map(\.number) == Array(1...Int64(pages.count)))
        let read = Self.read(pages)
        #expect(read.count == writing.expected.count)
        #expect(zip(read, writing.expected).first { $0 != $1 } == nil)
        #expect(pages.reduce(0) { $0 + $1.callCount } == read.count { if case .call = $0 { true } else { false } })
        for page in pages {
            let times = Self.read([page]).map(\.at)
            #expect(page.first == times.min() && page.last == times.max())
        }
    }

    @Test("is not misread where it is damaged: what cannot be is the end of the page", arguments: seeds)
    func damage(seed: UInt64) {
        var writing = Writing(seed: seed)
        for _ in 0..<200 { writing.record() }
        let page = writing.log.take()[0]
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var content = page.content
            content[random.int(1...content.count - 1)] = UInt8(random.int(0...255))
            content.removeLast(random.int(0...content.count / 2))
            var reader = VerdictPageReader(content, users: page.users)
            while reader?.next() != nil {}
        }
        // A record of a sort that is not known yet.
        var reader = VerdictPageReader(page.content + [200], users: page.users)
        var count = 0
        while reader?.next() != nil { count += 1 }
        #expect(count == writing.expected.count && reader?.isCut == true)
        #expect(VerdictPageReader([], users: []) == nil && VerdictPageReader([2, 0], users: []) == nil)
    }

    @Test("names users beside its records alone, so that an erased name is in no page")
    func users() {
        var log = VerdictLog(replicaID: 1)
        log.isOn = true
        let hold = EngineFixture.call("r", who: Attribution(team: "t", user: "somebody"))
        log.note(
            Verdict(
                kind: .deny, requestID: "r", model: nil, estimate: nil, hold: nil, expiresAt: nil, reason: nil,
                budgets: [],
                warnings: []), of: hold, at: EngineFixture.start)
        let page = log.take()[0]
        #expect(page.users == ["somebody"])
        #expect(!page.content.indices.contains { page.content[$0...].starts(with: "somebody".utf8) })
    }

    @Test("says what an engine did: verdicts and withdrawals, but neither dry runs nor repeated requests")
    func engine() {
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([]))
        engine.verdictLog.isOn = true
        func ask(_ call: Call) -> Verdict? {
            if case .verdict(let verdict, _) = engine.authorize(call, at: .after(0), isFinal: false) {
                verdict
            } else {
                nil
            }
        }
        let hold = ask(EngineFixture.call("a"))?.hold
        _ = ask(EngineFixture.call("a"))
        _ = ask(EngineFixture.call("dry", isDryRun: true))
        _ = ask(EngineFixture.call("long", "brief", tokens: 21))
        let other = ask(EngineFixture.call("b"))?.hold
        engine.discard(other!)
        let words = Self.read(engine.verdictLog.take()).map { record in
            switch record {
            case .call(let call):
                "\(call.call.requestID) \(call.kind) \(call.reason?.rawValue ?? "-") \(call.holdNumber ?? 0)"
            case .end(let end): "\(end.how) \(end.holdNumber)"
            case .extended: "extended"
            case .charge: "charge"
            }
        }
        #expect(words == ["a admit - \(hold!.id.number)", "long deny over_context 0", "b admit - 2", "withdrawn 2"])
        #expect(engine.verdictLog.take().isEmpty)
    }

    @Test(
        "keeps bounded bytes of pages that cannot be written, counts the calls of those it drops, and keeps their order"
    )
    func bounded() {
        var writing = Writing(seed: 3)
        func page(_ number: Int64, bytes: Int) -> VerdictPage {
            VerdictPage(
                replicaID: 7, number: number, first: EngineFixture.start, last: EngineFixture.start, callCount: number,
                users: [], content: [UInt8](repeating: 0, count: bytes))
        }
        let small = (1...2_000).map { page($0, bytes: 100) }
        writing.log.putBack(small)
        #expect(writing.log.droppedCalls == 0)
        writing.log.putBack([page(2_001, bytes: VerdictLog.maximumBytes - 1_000)])
        #expect(writing.log.droppedCalls == (1...1_998).reduce(0, +))
        #expect(writing.log.take(most: 2).map(\.number) == [1_999, 2_000] && writing.log.hasMore)
        #expect(writing.log.take(most: 2).map(\.number) == [2_001] && !writing.log.hasMore)
    }
}
