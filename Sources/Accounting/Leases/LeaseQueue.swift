/// Calls that wait for money, and what else is to be told to PostgreSQL about leases: gathered while one round is on its
/// way, so that however many calls wait, one transaction at a time asks for all of them.
///
/// It neither waits nor asks by itself: `next` says what to send, `took` takes in what came of it.
package struct LeaseQueue: Sendable {
    struct Waiter: Sendable {
        let ticket: Int64
        let call: Call
        var ask: LeaseAsk
        let deadlineNanoseconds: Int64
    }

    /// What to send next.
    package enum Request: Sendable {
        case grant(LeaseRound)
        /// Was this round committed, whose commit was sent and not answered?
        case inquire(LeaseRound)
    }

    /// The end of a wait; nil where there was no answer in time.
    package struct Answer: Sendable {
        package let ticket: Int64
        package let outcome: AuthorizeOutcome?
        /// A hold made by this very answer; nobody has it if nobody waits for the answer any more.
        package let madeHold: Hold?
    }

    /// A call waits for money no longer than this; then it is judged by what there is.
    package static let patienceNanoseconds: Int64 = 200_000_000
    /// How often a call looks again while idle leases are called back, should no word of them arrive.
    static let lookAgainNanoseconds: Int64 = 20_000_000
    /// How long nothing is sent after a round has failed.
    static let pauseNanoseconds: Int64 = 50_000_000

    private(set) var waiting: [Waiter] = []
    /// Calls that wait for idle leases to be called back.
    private(set) var parked: [Waiter] = []
    private var looksAgainAtNanoseconds: Int64 = 0
    private var topUps: Set<Int64> = []
    private var recalled: Set<Int64> = []
    private var givenBack: [Int64: Int64] = [:]

    private var lastNumber: Int64 = 0
    private var underWay: (round: LeaseRound, waiters: [Waiter])?
    /// What the round under way comes to if it was committed, once its answer was lost.
    private var unanswered: LeaseRound.Result?
    private var isSent = false
    private var pausedUntilNanoseconds: Int64 = 0

    package init() {}

    package var isIdle: Bool {
        underWay == nil && waiting.isEmpty && parked.isEmpty && topUps.isEmpty && recalled.isEmpty && givenBack.isEmpty
    }

    package mutating func wait(_ call: Call, _ ask: LeaseAsk, ticket: Int64, at now: Moment) {
        let deadline = now.monotonicNanoseconds + Self.patienceNanoseconds
        waiting.append(Waiter(ticket: ticket, call: call, ask: ask, deadlineNanoseconds: deadline))
    }

    package mutating func topUp(_ windows: [Int64]) { topUps.formUnion(windows) }

    /// Idle money, out of the leases in memory already.
    package mutating func giveBack(_ amounts: [Int64: Int64]) { givenBack.merge(amounts, uniquingKeysWith: +) }

    /// Somebody waits for what is idle here.
    package mutating func recall(_ windows: Set<Int64>) { recalled.formUnion(windows) }

    /// Idle money has come back elsewhere: calls that wait for it look again.
    package mutating func lookAgain() {
        waiting = parked + waiting
        parked = []
    }

    /// When `next` should be asked again at the latest; nil where only an event gives it something to do.
    package var wakeAtNanoseconds: Int64? {
        if isSent { return nil }
        let hasWork = underWay != nil || !(waiting.isEmpty && topUps.isEmpty && recalled.isEmpty && givenBack.isEmpty)
        if hasWork { return pausedUntilNanoseconds }
        return parked.isEmpty ? nil : max(pausedUntilNanoseconds, looksAgainAtNanoseconds)
    }

    /// The next thing to send; nil while there is nothing, or an answer is awaited.
    package mutating func next(_ desk: inout Desk, at now: Moment) -> Request? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        if let underWay {
            isSent = true
            return .inquire(underWay.round)
        }
        if now.monotonicNanoseconds >= looksAgainAtNanoseconds { lookAgain() }
        var standing = desk.beginRound(
            waiting.map(\.ask), topUps: topUps, recalled: recalled, at: now.wall)
        standing.givenBack.merge(givenBack, uniquingKeysWith: +)
        lastNumber += 1
        let round = LeaseRound(
            number: lastNumber, replicaID: desk.replicaID, asks: waiting.map(\.ask), standing: standing)
        (underWay, isSent) = ((round, waiting), true)
        (waiting, topUps, recalled, givenBack) = ([], [], [], [:])
        return .grant(round)
    }

    /// Takes in what became of the round under way.
    package mutating func took(_ outcome: LeaseRound.Outcome, _ desk: inout Desk, at now: Moment) -> [Answer] {
        guard let (round, waiters) = underWay else { return [] }
        isSent = false
        if case .unanswered(let result) = outcome {
            unanswered = result
            pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
            return []
        }
        underWay = nil
        unanswered = nil
        switch outcome {
        case .committed(let result):
            desk.endRound(result.facts, result.plan, round.standing)
            return judge(waiters, result.plan.answers, &desk, at: now)
        case .failed, .refused, .gone, .unanswered:
            desk.abandonRound(round.standing)
            // What PostgreSQL refuses to take back stays leased, and unused, until this replica ends.
            if case .failed = outcome {
                giveBack(round.standing.givenBack)
                recall(round.standing.recalled)
            }
            pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
            return waiters.compactMap { retry($0, $0.ask, at: now) }
        }
    }

    /// Takes in whether the round under way was committed, which was not known.
    package mutating func learned(wasCommitted: Bool, _ desk: inout Desk, at now: Moment) -> [Answer] {
        guard let result = unanswered else { return [] }
        return took(wasCommitted ? .committed(result) : .failed, &desk, at: now)
    }

    /// The question stays open where nobody could answer it.
    package mutating func inquiryFailed(at now: Moment) {
        isSent = false
        pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
    }

    /// Forgets what concerned the leases of a replica that was declared gone; calls go on waiting.
    package mutating func startAnew() {
        if let (_, waiters) = underWay { waiting = waiters + waiting }
        lookAgain()
        (underWay, unanswered, isSent) = (nil, nil, false)
        (topUps, recalled, givenBack) = ([], [], [:])
        lastNumber = 0
        for index in waiting.indices { waiting[index].ask.recalls = [:] }
    }

    /// Judges the calls of a round in the order they came. Those that PostgreSQL has no money for are denied; those
    /// whose money another call took meanwhile ask again until their patience ends, and are not answered then.
    private mutating func judge(
        _ waiters: [Waiter], _ answers: [GrantPlan.Answer], _ desk: inout Desk, at now: Moment
    ) -> [Answer] {
        var ended: [Answer] = []
        for (waiter, answer) in zip(waiters, answers) {
            let isFinal: Bool
            var refused: ArraySlice<ModelName> = []
            switch answer {
            case .waits(let recalls) where now.monotonicNanoseconds < waiter.deadlineNanoseconds:
                park(waiter, until: recalls, at: now)
                continue
            // Nobody has given back what is leased elsewhere: that is how it stands.
            case .waits: isFinal = true
            // A window that was opened only now has not been asked for money yet.
            case .short: isFinal = waiter.ask.opens.isEmpty
            // Should others have taken it meanwhile, that is no reason to deny anything.
            case .covered(let index):
                isFinal = false
                refused = waiter.ask.models.prefix(index)
            }
            let openHolds = desk.openHoldCount
            let outcome = desk.authorize(waiter.call, at: now, isFinal: isFinal, refused: refused)
            switch outcome {
            case .ask(var ask):
                ask.recalls = waiter.ask.recalls
                if let late = retry(waiter, ask, at: now) { ended.append(late) }
            case .verdict(let verdict, _) where desk.openHoldCount > openHolds:
                ended.append(Answer(ticket: waiter.ticket, outcome: outcome, madeHold: verdict.hold))
            default:
                ended.append(Answer(ticket: waiter.ticket, outcome: outcome, madeHold: nil))
            }
        }
        return ended
    }

    private mutating func park(_ waiter: Waiter, until recalls: [Int64: Int64], at now: Moment) {
        if parked.isEmpty { looksAgainAtNanoseconds = now.monotonicNanoseconds + Self.lookAgainNanoseconds }
        var waiter = waiter
        waiter.ask.recalls.merge(recalls) { known, _ in known }
        parked.append(waiter)
    }

    /// Asks again, or gives up where the call has waited long enough.
    private mutating func retry(_ waiter: Waiter, _ ask: LeaseAsk, at now: Moment) -> Answer? {
        guard now.monotonicNanoseconds < waiter.deadlineNanoseconds else {
            return Answer(ticket: waiter.ticket, outcome: nil, madeHold: nil)
        }
        var waiter = waiter
        waiter.ask = ask
        waiting.append(waiter)
        return nil
    }
}
