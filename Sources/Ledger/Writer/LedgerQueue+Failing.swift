import Accounting

extension LedgerQueue {
    /// Answers the callers whose patience is over. What is surely not committed is given up with that; a batch that may
    /// be goes on, and its callers hear that nobody knows yet.
    mutating func giveUpOverdue(at now: Moment) -> Effects {
        guard let batch = underWay else { return Effects() }
        let isOverdue = { (entry: Entry) in entry.deadlineNanoseconds <= now.monotonicNanoseconds }
        var effects = Effects()
        let isLost = batch.deadlineNanoseconds <= now.monotonicNanoseconds
        if mayBeCommitted && !(isClosed && isLost) {
            for (index, entry) in batch.load.entries.enumerated() where isOverdue(entry) {
                effects.answer(entry, .failure(.unanswered))
                underWay!.load.entries[index].done = nil
            }
        } else if isLost {
            // At a shutdown there is nobody left to go on with a wrong idea of it: the next start asks the database.
            fail(batch.load, mayBeCommitted ? .unanswered : .unavailable, &effects)
        } else {
            let late = batch.load.entries.prefix(while: isOverdue)
            if !late.isEmpty {
                let rest = Array(batch.load.entries.dropFirst(late.count))
                fail(Load(entries: Array(late), tallies: []), .unavailable, &effects)
                parts.append(Load(entries: rest, tallies: batch.load.tallies))
            }
        }
        let late = Array(waiting.prefix(while: isOverdue))
        waiting.removeFirst(late.count)
        giveUp(late, .unavailable, &effects)
        return effects
    }

    /// Counts must never stand in the way of a settlement, nor one settlement in the way of others: halves until what
    /// is refused stands alone.
    mutating func split(_ load: Load, _ sqlState: String) -> Effects {
        let (entries, tallies) = (load.entries, load.tallies)
        guard entries.count + tallies.count > 1 else {
            var effects = Effects()
            fail(load, .refused(sqlState: sqlState), &effects)
            return effects
        }
        (underWay, mayBeCommitted) = (nil, false)
        if !entries.isEmpty && !tallies.isEmpty {
            parts += [Load(entries: [], tallies: tallies), Load(entries: entries, tallies: [])]
        } else {
            let (jobs, counts) = (entries.count / 2, tallies.count / 2)
            parts.append(Load(entries: Array(entries[jobs...]), tallies: Array(tallies[counts...])))
            parts.append(Load(entries: Array(entries[..<jobs]), tallies: Array(tallies[..<counts])))
        }
        return Effects()
    }

    /// Ends the batch under way without what is in `load`.
    private mutating func fail(_ load: Load, _ failure: LedgerFailure, _ effects: inout Effects) {
        (underWay, mayBeCommitted) = (nil, false)
        giveUp(load.entries, failure, &effects)
        if case .refused = failure { return }
        effects.putBack += load.tallies
    }

    private mutating func giveUp(_ entries: [Entry], _ failure: LedgerFailure, _ effects: inout Effects) {
        doneCount += entries.count
        for entry in entries { effects.answer(entry, .failure(failure)) }
        effects.reopened += entries.compactMap(\.job.hold)
    }
}
