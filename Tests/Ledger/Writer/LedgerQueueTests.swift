import Synchronization
import Testing

@testable import Accounting
@testable import Ledger

@Suite("A queue of settlements whose batches fail") struct LedgerQueueTests {
    private final class Answers: Sendable {
        let words = Mutex<[String]>([])
    }

    /// A queue with a clock that the test sets, and the answers to its callers.
    private final class Bench {
        var queue = LedgerQueue(replicaID: 1)
        var engine = AdmissionEngine(
            replicaID: 1,
            configuration: Configuration(
                version: 1, teams: ["t"], budgets: [], ladders: [], prices: PriceBook(models: [], makers: [])))
        let answers = Answers()

        func moment(_ milliseconds: Int64) -> Moment {
            Moment(wall: Timestamp(seconds: 0), monotonicNanoseconds: milliseconds * 1_000_000)
        }

        func add(_ id: String, at milliseconds: Int64) {
            let usage = LedgerFixture.usage(1)
            let name = ModelName(provider: "maker", model: "opus")
            let entry = LedgerEntry(
                occurredAt: Timestamp(seconds: 0), recordedAt: Timestamp(seconds: 0), source: "job", requestID: id,
                who: Attribution(team: "t"), requestedModel: "opus", model: name, tier: .standard, usage: usage,
                rated: .unpriced(usage.quantities))
            let job = LedgerJob.record(Posting(entry, isOccurredAtGiven: true), charges: [])
            let isTaken = queue.add(job, at: moment(milliseconds)) { [answers] result in
                answers.words.withLock { $0.append("\(id) \(result.word)") }
            }
            #expect(isTaken)
        }

        /// The ids in the next attempt; nil where the queue sends none.
        func send(at milliseconds: Int64) -> [String]? {
            attempt(at: milliseconds)?.batch.jobs.map { job in
                if case .record(let posting, _) = job { posting.entry.requestID } else { "" }
            }
        }

        func attempt(at milliseconds: Int64) -> LedgerQueue.Attempt? { queue.next(&engine, at: moment(milliseconds)) }

        func hear(_ outcome: LedgerQueue.Outcome, at milliseconds: Int64) {
            queue.took(outcome, at: moment(milliseconds)).answerCallers()
        }

        @discardableResult func commit(
            at milliseconds: Int64, lockWaitMicroseconds: Int64 = 0, knowing known: BatchReadSet = BatchReadSet()
        ) throws -> WriteBatch {
            let batch = try #require(attempt(at: milliseconds)).batch
            let committed = BatchResult(batch, knowing: known).committed(
                windows: [], didCrossThreshold: false, lockWaitMicroseconds: lockWaitMicroseconds, hash: [])
            hear(.committed(committed, batch), at: milliseconds)
            return batch
        }

        var words: [String] { answers.words.withLock { $0 } }
    }

    @Test("gives each up when its own patience is over, and goes on with the rest") func patience() throws {
        let bench = Bench()
        bench.add("a", at: 0)
        #expect(bench.send(at: 0) == ["a"])
        bench.add("b", at: 1000)
        bench.hear(.failed, at: 1000)
        #expect(bench.send(at: 2000) == ["a"])
        bench.hear(.failed, at: 4999)
        #expect(bench.words == [])
        #expect(bench.send(at: 5500) == ["a"])
        bench.add("c", at: 5600)
        bench.hear(.failed, at: 6000)
        #expect(bench.words == ["a unavailable", "b unavailable"])
        try bench.commit(at: 7000)
        #expect(bench.words.last == "c recorded")
        #expect(bench.queue.isIdle && bench.queue.doneCount == 3)
    }

    @Test("takes out of a batch what is overdue and sends the others again") func shortened() throws {
        let bench = Bench()
        bench.add("a", at: 0)
        bench.add("b", at: 1000)
        #expect(bench.send(at: 1000) == ["a", "b"])
        bench.hear(.failed, at: 5000)
        #expect(bench.words == ["a unavailable"])
        #expect(bench.send(at: 6000) == ["b"])
        bench.hear(.failed, at: 6000)
        #expect(bench.words == ["a unavailable", "b unavailable"])
    }

    @Test("tells callers that nobody knows, once, and sends a batch that may be committed to its end")
    func unanswered() throws {
        let bench = Bench()
        bench.add("a", at: 0)
        #expect(bench.send(at: 0) == ["a"])
        bench.hear(.unanswered, at: 10)
        for second in 1...7 {
            #expect(try #require(bench.attempt(at: Int64(second) * 1000)).mayBeCommitted)
            bench.hear(.failed, at: Int64(second) * 1000)
        }
        #expect(bench.words == ["a unanswered"])
        try bench.commit(at: 9000)
        #expect(bench.words == ["a unanswered"])
        #expect(bench.queue.isIdle)
    }

    @Test("sends it again after pauses that grow to a second, and at once where it lost a race") func pauses() throws {
        let bench = Bench()
        bench.add("a", at: 0)
        var (now, pauses): (Int64, [Int64]) = (0, [])
        for outcome in [LedgerQueue.Outcome.lostRace] + Array(repeating: .failed, count: 6) {
            _ = try #require(bench.attempt(at: now))
            bench.hear(outcome, at: now)
            let wake = try #require(bench.queue.wakeAtNanoseconds) / 1_000_000
            pauses.append(wake - now)
            now = wake
        }
        #expect(pauses == [0, 100, 200, 400, 800, 1000, 1000])
        try bench.commit(at: now)
        bench.add("b", at: now)
        _ = try #require(bench.attempt(at: now))
        bench.hear(.failed, at: now)
        #expect(bench.queue.wakeAtNanoseconds == (now + 50) * 1_000_000)
    }

    @Test("gathers for seven eighths of the time that others had its windows, and stops when they no longer have")
    func gathering() throws {
        let bench = Bench()
        var gathered: [Int64] = []
        for (number, waited) in [0, 800, 0, 60_000_000, 0].enumerated() {
            let now = Int64(number) * 1000
            bench.add("\(number)", at: now)
            try bench.commit(at: now, lockWaitMicroseconds: Int64(waited))
            bench.add("next to \(number)", at: now)
            let wake = try #require(bench.queue.wakeAtNanoseconds)
            gathered.append(wake / 1000 - now * 1000)
            #expect((bench.send(at: now) == nil) == (gathered.last != 0))
            // The failed jobs stay queued and are sent with the next batch.
            bench.hear(.failed, at: now)
        }
        #expect(gathered == [0, 700, 612, 5000, 4375])
    }

    @Test("looks for repeated ids in the batch after one that had some, and not for longer") func repeats() throws {
        let bench = Bench()
        var known = BatchReadSet()
        let earlier = Receipt(entryID: 7, cost: nil, overrun: .zero, model: "opus")
        known.keys[EntryKey(owner: "source:job", id: "a")] = BatchReadSet.Key(said: nil, resolved: [], receipt: earlier)
        var expectations: [Bool] = []
        for (number, id) in ["b", "a", "c", "d"].enumerated() {
            bench.add(id, at: Int64(number))
            let batch = try bench.commit(at: Int64(number), knowing: known)
            expectations.append(batch.expectsRepeats)
        }
        #expect(expectations == [false, false, true, false])
    }
}
