import Accounting
import Logging
import Postgres
import Synchronization

/// Calls that wait for money, served in rounds on a thread and a connection of its own.
///
/// While one round is with PostgreSQL the next gathers, so that however many calls wait, one transaction at a time
/// asks for all of them.
final class LeaseRounds: Sendable {
    struct Waiter: Sendable {
        let call: Call
        var ask: LeaseAsk
        let deadline: ContinuousClock.Instant
        let answer: PendingVerdict
    }

    private struct State {
        var waiters: [Waiter] = []
        var topUps: Set<Int64> = []
        var givenBack: [Int64: Int64] = [:]
        var isClosed = false

        var isEmpty: Bool { waiters.isEmpty && topUps.isEmpty && givenBack.isEmpty }

        mutating func take() -> State {
            defer { self = State(isClosed: isClosed) }
            return self
        }
    }

    /// A call asks for money no longer than this; then it is judged by what there is.
    static let patience = Duration.milliseconds(200)
    /// An authorize is answered by then, with or without the database.
    static let longestWait = Duration.milliseconds(250)

    private let state = Monitor(State())
    private let isFailing = Atomic(false)
    private let link: DatabaseLink
    private let log: Logger

    init(connectionString: String, log: Logger) {
        link = DatabaseLink(connectionString: connectionString)
        self.log = log
    }

    func wait(_ waiter: Waiter) {
        let isClosed = state.withLock(wake: .one) { state in
            if !state.isClosed { state.waiters.append(waiter) }
            return state.isClosed
        }
        if isClosed { waiter.answer.give(nil) }
    }

    func topUp(_ windows: [Int64]) {
        state.withLock(wake: .one) { $0.topUps.formUnion(windows) }
    }

    /// After `close()` it does nothing: what then stays leased returns as a dead replica's does.
    func giveBack(_ amounts: [Int64: Int64]) {
        guard !amounts.isEmpty else { return }
        state.withLock(wake: .one) { state in
            if !state.isClosed { state.givenBack.merge(amounts, uniquingKeysWith: +) }
        }
    }

    /// Serves what waits, then ends the thread.
    func close() { state.withLock { $0.isClosed = true } }

    /// Starts the thread; it ends after `close()`. `isGone` is told when PostgreSQL has declared this replica gone.
    func start(for desk: LockedDesk, isGone: @escaping @Sendable () -> Void) -> DedicatedThread {
        DedicatedThread(name: "lease-rounds") { [self] in
            let bank = LeaseBank(replicaID: desk.replicaID)
            var number: Int64 = 0
            // The first call must not wait for a connection too; where there is none, the first round tells.
            try? link.run { _ in }
            while let taken = state.wait(for: { state -> State? in
                state.isEmpty && !state.isClosed ? nil : state.take()
            }) {
                if taken.isEmpty { return }
                number += 1
                serve(taken, number, bank, desk, isGone)
            }
        }
    }

    private func serve(
        _ taken: State, _ number: Int64, _ bank: LeaseBank, _ desk: LockedDesk, _ isGone: @Sendable () -> Void
    ) {
        let asks = taken.waiters.map(\.ask)
        let now = desk.now()
        let standing = desk.withLock { $0.beginRound(asks, topUps: taken.topUps, at: now.wall) }
        let round = LeaseBank.Round(number: number, asks: asks, standing: standing, givenBack: taken.givenBack)
        do {
            do {
                let result = try link.run { try bank.grant(round, on: $0) }
                finish(round, result, taken.waiters, desk)
            } catch let unanswered as LeaseBank.Unanswered {
                guard try wasCommitted(round, bank) else { throw unanswered }
                finish(round, unanswered.result, taken.waiters, desk)
            }
        } catch {
            desk.withLock { $0.abandonRound(standing) }
            if error is LeaseBank.Gone { isGone() }
            note(error, asks.count)
            keepForLater(round, error)
            link.pause()
            for waiter in taken.waiters { retry(waiter, waiter.ask) }
        }
    }

    /// One line when rounds begin to fail, not one a round.
    private func note(_ error: any Error, _ calls: Int) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        log.warning("A round of leases failed", metadata: ["error": "\(error)", "calls": "\(calls)"])
    }

    /// Asks until PostgreSQL says whether a round was done: nothing more can be granted before it does.
    private func wasCommitted(_ round: LeaseBank.Round, _ bank: LeaseBank) throws -> Bool {
        while true {
            do {
                return try link.run { try bank.wasCommitted(round, on: $0) }
            } catch let error as PostgresError {
                if state.withLock(wake: .none, { $0.isClosed }) { throw error }
                link.pause()
            }
        }
    }

    private func finish(
        _ round: LeaseBank.Round, _ result: LeaseBank.Result, _ waiters: [Waiter], _ desk: LockedDesk
    ) {
        isFailing.store(false, ordering: .relaxed)
        desk.withLock {
            $0.endRound(
                result.facts, grants: result.plan.grants, longestHoldSeconds: result.plan.longestHoldSeconds,
                standing: round.standing)
        }
        answer(waiters, result.plan.covered, desk)
    }

    /// What a failed round was to give back is given back by a later one, unless PostgreSQL refuses that itself: then
    /// it stays leased, and unused, until this replica ends.
    private func keepForLater(_ round: LeaseBank.Round, _ error: any Error) {
        if let error = error as? PostgresError, !error.isPassing {
            if !round.givenBack.isEmpty {
                log.error("A lease could not be given back", metadata: ["error": "\(error)"])
            }
        } else if !(error is LeaseBank.Gone) {
            giveBack(round.givenBack)
        }
    }

    /// Judges the calls of a round in the order they came. Those that PostgreSQL has no money for are denied; those
    /// whose money another call took meanwhile ask again until their patience ends.
    private func answer(_ waiters: [Waiter], _ covered: [Int?], _ desk: LockedDesk) {
        for (waiter, covered) in zip(waiters, covered) {
            // A window that was opened only now has not been asked for money yet.
            let wasOpening = !waiter.ask.opens.isEmpty
            let isFinal = (covered == nil && !wasOpening) || ContinuousClock.now >= waiter.deadline
            if waiter.answer.isGiven { continue }
            let now = desk.now()
            let (outcome, isNew) = desk.withLock { desk in
                let openHolds = desk.openHoldCount
                return (desk.authorize(waiter.call, at: now, isFinal: isFinal), desk.openHoldCount > openHolds)
            }
            if case .ask(let ask) = outcome {
                retry(waiter, ask)
            } else if !waiter.answer.give(outcome), isNew, case .verdict(let verdict, _) = outcome,
                let hold = verdict.hold
            {
                // Nobody was there any more to take it.
                desk.withLock { $0.finish(hold, [], wasFirst: true) }
            }
        }
    }

    private func retry(_ waiter: Waiter, _ ask: LeaseAsk) {
        guard ContinuousClock.now < waiter.deadline else {
            waiter.answer.give(nil)
            return
        }
        var waiter = waiter
        waiter.ask = ask
        wait(waiter)
    }
}
