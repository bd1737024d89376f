import Accounting
import Logging
import Postgres

/// Calls that wait for money, served in rounds on a thread and a connection of its own.
///
/// While one round is with PostgreSQL the next gathers, so that however many calls wait, one transaction at a time
/// asks for all of them.
final class LeaseRounds: Sendable {
    struct Waiter: Sendable {
        let call: Call
        var ask: LeaseAsk
        let deadline: ContinuousClock.Instant
        let done: @Sendable (AuthorizeOutcome?) -> Void
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

    /// An authorize waits no longer than this for money.
    static let patience = Duration.milliseconds(250)

    private let state = Monitor(State())
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
        if isClosed { waiter.done(nil) }
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
            let result = try link.run { try bank.grant(round, on: $0) }
            finish(round, result, desk)
            answer(taken.waiters, result.plan.covered, desk)
        } catch {
            desk.withLock { $0.abandonRound(standing) }
            if error is LeaseBank.Gone { isGone() }
            log.warning("A round of leases failed", metadata: ["error": "\(error)", "calls": "\(asks.count)"])
            settleUnknown(error, round, bank)
            link.pause()
            for waiter in taken.waiters { retry(waiter, waiter.ask) }
        }
    }

    private func finish(_ round: LeaseBank.Round, _ result: LeaseBank.Result, _ desk: LockedDesk) {
        desk.withLock {
            $0.endRound(
                result.facts, grants: result.plan.grants, longestHoldSeconds: result.plan.longestHoldSeconds,
                standing: round.standing)
        }
    }

    /// What a failed round was to give back is given back by a later one, unless it turns out that it was, or that
    /// PostgreSQL refuses it. What then stays leased, like grants of an unknown round that did happen, stays unused until
    /// this replica ends: the safe side.
    private func settleUnknown(_ error: any Error, _ round: LeaseBank.Round, _ bank: LeaseBank) {
        guard !round.givenBack.isEmpty, let error = error as? PostgresError else { return }
        switch error.kind {
        case .connection: giveBack(round.givenBack)
        case .server where error.isRetryable: giveBack(round.givenBack)
        case .unknownOutcome:
            if (try? link.run { try bank.wasCommitted(round, on: $0) }) == false { giveBack(round.givenBack) }
        default: log.error("A lease could not be given back", metadata: ["error": "\(error)"])
        }
    }

    /// Judges the calls of a round in the order they came. Those that PostgreSQL has no money for are denied; those
    /// whose money another call took meanwhile ask again until their patience ends.
    private func answer(_ waiters: [Waiter], _ covered: [Int?], _ desk: LockedDesk) {
        for (waiter, covered) in zip(waiters, covered) {
            // A window that was opened only now has not been asked for money yet.
            let wasOpening = !waiter.ask.opens.isEmpty
            let isFinal = (covered == nil && !wasOpening) || ContinuousClock.now >= waiter.deadline
            let now = desk.now()
            switch desk.withLock({ $0.authorize(waiter.call, at: now, isFinal: isFinal) }) {
            case .ask(let ask): retry(waiter, ask)
            case let outcome: waiter.done(outcome)
            }
        }
    }

    private func retry(_ waiter: Waiter, _ ask: LeaseAsk) {
        guard ContinuousClock.now < waiter.deadline else { return waiter.done(nil) }
        var waiter = waiter
        waiter.ask = ask
        wait(waiter)
    }
}
