import Accounting
import Postgres

@testable import Ledger

/// Async forms of the calls that answer a callback, for tests.
extension Replica {
    func authorize(_ call: Call) async -> AuthorizeOutcome? {
        await withCheckedContinuation { continuation in authorize(call) { continuation.resume(returning: $0) } }
    }

    func record(_ entry: LedgerEntry, isOccurredAtGiven: Bool) async -> Result<LedgerOutcome, LedgerFailure> {
        await withCheckedContinuation { continuation in
            let isTaken = record(entry, isOccurredAtGiven: isOccurredAtGiven) { continuation.resume(returning: $0) }
            precondition(isTaken, "the entry names a version of the configuration that has changed")
        }
    }

    func void(_ hold: Hold) async -> Result<LedgerOutcome, LedgerFailure> {
        await withCheckedContinuation { continuation in void(hold) { continuation.resume(returning: $0) } }
    }

    /// Lets the replica's holds expire as if ten minutes had passed, and waits until that is committed.
    func expireAll() async throws {
        let now = now()
        // Entries say when they were recorded, so the wall clock stays right.
        let later = Moment(wall: now.wall, monotonicNanoseconds: now.monotonicNanoseconds + 601_000_000_000)
        while core.withLock({ $0.tick(at: later) }) {}
        core.writerSignal.raise()
        try await eventually { status.openHolds == 0 }
    }
}
