import Accounting
import Finance
import JSON
import Ledger
import Wording

extension ReplayRun.Progress {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("calls", calls)
            if let allCalls { $0.field("of", allCalls) }
            $0.field("at", at)
        }
    }
}

extension ReplayRun.Outcome {
    /// Writes the fields of the answer.
    func write(to writer: inout JSONWriter, _ span: Range<Timestamp>, in configuration: Configuration) {
        let names = configuration.names
        writer.field("from", span.lowerBound)
        writer.field("to", span.upperBound)
        writer.field("time_zone", configuration.accountingZone.name)
        writer.field("log_begins_at", logBegins)
        result.counts.write(to: &writer)
        writer.field("assumed", result.assumed)
        writer.field("identical", result.differenceCount == 0)
        writer.field("differing", result.differenceCount)
        writer.name("differences")
        writer.array(result.differences) { writer, difference in
            writer.object {
                $0.field("at", difference.at)
                $0.field("team", names.name(of: difference.team))
                $0.field("request_id", difference.requestID)
                $0.field("was", difference.was)
                $0.field("becomes", difference.becomes)
            }
        }
        writer.name("days")
        writer.array(result.rows) { writer, row in
            writer.object {
                $0.field("day", row.day.description)
                $0.field("team", names.name(of: row.team))
                $0.field("feature", row.feature)
                row.counts.write(to: &$0)
                $0.field("ran_dry_at", row.ranDryAt)
            }
        }
        writer.name("budgets")
        writer.array(result.outcomes) { writer, outcome in
            writer.object {
                $0.field("id", outcome.budget.id)
                $0.field("enforcement", outcome.budget.enforcement.rawValue)
                $0.amount(.spent, outcome.spent, of: outcome.budget.unit)
                $0.field("ran_dry_at", outcome.ranDryAt)
                $0.field("denied", outcome.denied)
                $0.field("would_deny", outcome.wouldDeny)
            }
        }
        writer.warnings(warnings(span))
    }

    private func warnings(_ span: Range<Timestamp>) -> [CallWarning] {
        var warnings: [CallWarning] = []
        if logBegins.map({ $0 > span.lowerBound }) ?? true {
            let what = logBegins.map { "begins at \($0)" } ?? "is empty"
            warnings.append(
                CallWarning(.logMissing, "The verdict log \(what): what came before is not judged."))
        }
        if result.unreadPages > 0 {
            let pages = Phrase.count(result.unreadPages, "page")
            warnings.append(
                CallWarning(
                    .logUnread,
                    "A later version has written \(pages) of the verdict log: what this one cannot read is not judged."
                ))
        }
        return warnings
    }
}

extension ReplayResult.Counts {
    func write(to writer: inout JSONWriter) {
        writer.field("calls", calls)
        writer.field("admitted", admitted)
        writer.field("clamped", clamped)
        writer.field("downgraded", downgraded)
        writer.field("denied", denied)
        writer.field("spent_usd", spent)
        writer.field("actual_usd", reallySpent)
        writer.field("saved_usd", saved)
    }
}
