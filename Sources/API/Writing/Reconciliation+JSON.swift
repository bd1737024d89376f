import Accounting
import Finance
import JSON

extension StoredReconciliation {
    /// Writes the fields of a comparison into an object.
    func write(to writer: inout JSONWriter) {
        writer.field("id", String(id))
        writer.field("month", month.description)
        writer.field("provider", provider)
        writer.field("format", form)
        writer.field("made_at", madeAt)
        writer.field("made_by", madeBy)
        writer.field("last_day", lastDay?.description)
        writer.field("ours_usd", ours)
        writer.field("theirs_usd", theirs)
        writer.field("theirs_exact_usd", theirsExact)
        writer.field("difference_usd", difference)
        writer.field("open_lines", openLines)
        writer.field("replaced", isReplaced)
        writer.name("warnings")
        writer.array(warnings) { $0.string($1) }
    }
}

extension StoredReconciliationLine {
    func write(to writer: inout JSONWriter) {
        writer.field("number", number)
        writer.field("kind", line.kind.rawValue)
        writer.field("day", line.day?.description)
        writer.field("model", line.model)
        writer.field("ours_usd", Money(nanodollars: line.ours))
        writer.field("theirs_usd", Money(nanodollars: line.theirs))
        writer.field("difference_usd", Money(nanodollars: line.difference))
        writer.field("ours_tokens", line.oursTokens)
        writer.field("theirs_tokens", line.theirsTokens)
        writer.field("detail", line.detail)
        writer.field("open", isOpen)
        writer.field("accepted_at", acceptedAt)
        writer.field("accepted_by", acceptedBy)
        writer.field("accepted_reason", acceptedReason)
    }
}

extension ReconciliationWaiver {
    func write(to writer: inout JSONWriter) {
        writer.field("month", month.description)
        writer.field("provider", provider)
        writer.field("waived_at", waivedAt)
        writer.field("waived_by", waivedBy)
        writer.field("reason", reason)
    }
}
