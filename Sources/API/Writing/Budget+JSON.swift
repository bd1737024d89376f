import Accounting
import JSON

extension Budget {
    /// Writes all settings of the budget, in the form in which its history keeps them.
    func writeSettings(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("version", version)
        writer.name("scope")
        scope.write(to: &writer)
        writer.field("period", period.rawValue)
        writer.field("time_zone", zone.name)
        writer.amount(.limit, limit, of: unit)
        writer.field("enforcement", enforcement.rawValue)
        writer.field("unpriced", unpriced.rawValue)
        writer.name("downgrade_at")
        writer.verbatim(downgradeAt?.description ?? "null")
        writer.name("alert_at")
        writer.array(alertAt) { $0.verbatim($1.description) }
    }

    var settings: String {
        var writer = JSONWriter()
        writer.object { writeSettings(to: &$0) }
        return writer.text
    }

    /// Writes the budget with the amounts of its current window, and what `more` writes.
    func write(
        to writer: inout JSONWriter, spent: Int64, held: Int64, at now: Timestamp,
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        let span = window(containing: now)
        writer.object {
            writeSettings(to: &$0)
            $0.amount(.spent, spent, of: unit)
            $0.amount(.held, held, of: unit)
            $0.amount(.remaining, Budget.remaining(of: limit, spent: spent, held: held), of: unit)
            $0.field("window_start", span.start)
            $0.field("resets_at", span.end)
            more(&$0)
        }
    }
}

extension Scope {
    func write(to writer: inout JSONWriter) {
        writer.object {
            let names = [
                ("team", team), ("feature", feature), ("user", user), ("run", run), ("model", model),
                ("provider", provider),
            ]
            for (name, value) in names { if let value { $0.field(named: name, value) } }
            guard !tags.isEmpty else { return }
            $0.name("tags")
            $0.object { for tag in tags { $0.field(named: tag.key, tag.value) } }
        }
    }
}
