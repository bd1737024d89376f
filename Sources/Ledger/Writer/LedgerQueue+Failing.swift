import Accounting

extension LedgerQueue {
    /// Answers the callers whose patience is over. What is surely not committed is given up with that; a batch that may
    /// be goes on, and its callers hear that nobody knows yet.
    mutating func giveUpOverdue(at now: Moment) -> Effects {
        guard let batch = underWay else { return Effects() }
        let isOverdue = { (caller: Caller) in caller.deadlineNanoseconds <= now.monotonicNanoseconds }
        var effects = Effects()
        let isLost = batch.deadlineNanoseconds <= now.monotonicNanoseconds
        if mayBeCommitted && !(isClosed && isLost) {
            for (index, caller) in batch.load.callers.enumerated() where isOverdue(caller) {
                effects.answer(caller, .failure(.unanswered))
                underWay!.load.callers[index].done = nil
            }
        } else if isLost {
            // At a shutdown there is nobody left to go on with a wrong idea of it: the next start asks the database.
            fail(batch.load, mayBeCommitted ? .unanswered : .unavailable, &effects)
        } else {
            var rest = batch.load
            let late = rest.callers.prefix(while: isOverdue).count
            if late > 0 {
                var overdue = rest.takeFirst(late)
                swap(&overdue.tallies, &rest.tallies)
                fail(overdue, .unavailable, &effects)
                parts.append(rest)
            }
        }
        let late = waiting.callers.prefix(while: isOverdue).count
        giveUp(waiting.takeFirst(late), .unavailable, &effects)
        return effects
    }

    /// Counts must never stand in the way of a settlement, nor one settlement in the way of others: halves until what
    /// is refused stands alone.
    mutating func split(_ load: Load, _ sqlState: String) -> Effects {
        guard load.count + load.tallies.count > 1 else {
            var effects = Effects()
            fail(load, .refused(sqlState: sqlState), &effects)
            return effects
        }
        (underWay, mayBeCommitted) = (nil, false)
        var (jobs, counts) = (load, Load(tallies: load.tallies))
        jobs.tallies = []
        if jobs.count > 0 && !counts.tallies.isEmpty {
            parts += [counts, jobs]
        } else {
            let half = load.tallies.count / 2
            let firstJobs = jobs.takeFirst(load.count / 2)
            parts.append(Load(jobs: jobs.jobs, callers: jobs.callers, tallies: Array(load.tallies[half...])))
            parts.append(
                Load(jobs: firstJobs.jobs, callers: firstJobs.callers, tallies: Array(load.tallies[..<half])))
        }
        return Effects()
    }

    /// Ends the batch under way without what is in `load`.
    private mutating func fail(_ load: Load, _ failure: LedgerFailure, _ effects: inout Effects) {
        (underWay, mayBeCommitted) = (nil, false)
        giveUp(load, failure, &effects)
        if case .refused = failure { return }
        effects.putBack += load.tallies
    }

    private mutating func giveUp(_ load: Load, _ failure: LedgerFailure, _ effects: inout Effects) {
        doneCount += load.count
        for caller in load.callers { effects.answer(caller, .failure(failure)) }
        effects.reopened += load.jobs.compactMap(\.hold)
    }
}
