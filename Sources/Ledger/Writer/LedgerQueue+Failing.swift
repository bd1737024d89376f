import Accounting

extension LedgerQueue {
    /// Answers the callers whose deadline has passed. Jobs that are certainly not committed are given up. A batch that
    /// may be committed goes on, and its overdue callers are told that the outcome is unknown.
    mutating func giveUpOverdue(at now: Moment) -> Effects {
        guard let batch = underWay else { return Effects() }
        let isOverdue = { (caller: Caller) in caller.deadlineNanoseconds <= now.monotonicNanoseconds }
        var effects = Effects()
        let isLost = batch.deadlineNanoseconds <= now.monotonicNanoseconds
        if mayBeCommitted && !(isClosed && isLost) {
            for (index, caller) in batch.pending.callers.enumerated() where isOverdue(caller) {
                effects.answer(caller, .failure(.unanswered))
                underWay!.pending.callers[index].done = nil
            }
        } else if isLost {
            // At a shutdown an unknown outcome does no harm: the memory that could be wrong about it ends too, and the
            // next start reads the database.
            fail(batch.pending, mayBeCommitted ? .unanswered : .unavailable, &effects)
        } else {
            var rest = batch.pending
            let late = rest.callers.prefix(while: isOverdue).count
            if late > 0 {
                var overdue = rest.takeFirst(late)
                swap(&overdue.verdictNotes, &rest.verdictNotes)
                fail(overdue, .unavailable, &effects)
                splits.append(rest)
            }
        }
        let late = waiting.callers.prefix(while: isOverdue).count
        giveUp(waiting.takeFirst(late), .unavailable, &effects)
        return effects
    }

    /// Gives up every job but those that an attempt has just taken to PostgreSQL, because the database has lost the past
    /// for which they were computed. Nothing of them is in the database now.
    mutating func giveUpAll() -> Effects {
        var effects = Effects()
        if let batch = underWay, !isSent { fail(batch.pending, .unavailable, &effects) }
        for pending in splits.reversed() + [waiting] {
            giveUp(pending, .unavailable, &effects)
            effects.putBack += pending.verdictNotes
        }
        (splits, waiting) = ([], PendingBatch())
        return effects
    }

    /// Splits a refused batch. Notes of verdicts must never block a settlement, and one settlement must not block others.
    /// So the notes are split off first, then the batch is halved until the refused row stands alone.
    mutating func split(_ pending: PendingBatch, _ sqlState: String) -> Effects {
        guard pending.count + pending.verdictNotes.count > 1 else {
            var effects = Effects()
            fail(pending, .refused(sqlState: sqlState), &effects)
            return effects
        }
        (underWay, mayBeCommitted) = (nil, false)
        var jobs = pending
        jobs.verdictNotes = VerdictNotes()
        if jobs.count > 0 && !pending.verdictNotes.isEmpty {
            splits += [PendingBatch(verdictNotes: pending.verdictNotes), jobs]
        } else {
            let notes = pending.verdictNotes.halves
            let firstJobs = jobs.takeFirst(pending.count / 2)
            splits.append(PendingBatch(jobs: jobs.jobs, callers: jobs.callers, verdictNotes: notes.1))
            splits.append(PendingBatch(jobs: firstJobs.jobs, callers: firstJobs.callers, verdictNotes: notes.0))
        }
        return Effects()
    }

    /// Ends the batch in flight and gives up the jobs in `pending`. Unless PostgreSQL refused them, notes of
    /// verdicts go back to the engine.
    private mutating func fail(_ pending: PendingBatch, _ failure: LedgerFailure, _ effects: inout Effects) {
        (underWay, mayBeCommitted) = (nil, false)
        giveUp(pending, failure, &effects)
        if case .refused = failure { return }
        effects.putBack += pending.verdictNotes
    }

    private mutating func giveUp(_ pending: PendingBatch, _ failure: LedgerFailure, _ effects: inout Effects) {
        doneCount += pending.count
        for caller in pending.callers { effects.answer(caller, .failure(failure)) }
        effects.reopened += pending.jobs.compactMap(\.hold)
    }
}
