import Accounting
import JSON
import Ledger

extension Budget {
    /// Writes all settings of the budget, in the form in which its history keeps them.
    ///
    /// - Parameter names: what teams are called. History keeps the name with which a team was made.
    func writeSettings(to writer: inout JSONWriter, _ names: TeamNames = TeamNames()) {
        writer.field("id", id)
        writer.field("version", version)
        writeDraft(to: &writer, names)
    }

    /// Writes what a `PUT` of the budget would say.
    func writeDraft(to writer: inout JSONWriter, _ names: TeamNames = TeamNames()) {
        writer.name("scope")
        scope.of(team: names.called(scope.team), feature: scope.feature).write(to: &writer)
        period.write(to: &writer)
        writer.field("time_zone", zone.name)
        writer.amount(.limit, limit, of: unit)
        writer.field("enforcement", enforcement.rawValue)
        writer.field("unpriced", unpriced.rawValue)
        writer.name("downgrade_at")
        writer.verbatim(downgradeAt?.description ?? "null")
        writer.name("alert_at")
        writer.array(alertAt) { $0.verbatim($1.description) }
        writer.field("owner", owner.rawValue)
        rules.write(to: &writer, in: unit)
    }

    var settings: String {
        var writer = JSONWriter()
        writer.object { writeSettings(to: &$0) }
        return writer.text
    }

    /// Writes the budget with the amounts of its current window, and what `more` writes. Of a budget with one window for
    /// each value, the amounts are those of all values together, and nothing is left of it as a whole.
    func write(
        to writer: inout JSONWriter, _ balance: Replica.Balance, at now: Timestamp, _ names: TeamNames,
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        writer.object {
            writeSettings(to: &$0, names)
            $0.amount(.windowLimit, balance.limit, of: unit)
            $0.amount(.carriedOver, balance.carriedOver, of: unit)
            $0.amount(.spent, balance.spent, of: unit)
            $0.amount(.held, balance.held, of: unit)
            let remaining = Budget.remaining(of: balance.limit, spent: balance.spent, held: balance.held)
            $0.amount(.remaining, balance.values == nil ? remaining : nil, of: unit)
            if let values = balance.values {
                $0.field("values", values)
            } else {
                writePlan(of: balance.limit, at: now, to: &$0)
            }
            $0.field("window_start", countsFrom(at: now))
            $0.field("resets_at", balance.resetsAt)
            more(&$0)
        }
    }
}

extension Budget {
    /// Writes what a paced budget plans that a window with this limit has spent by now, and nothing of other budgets.
    func writePlan(of limit: Int64, at now: Timestamp, to writer: inout JSONWriter) {
        guard let plan = pacing?.plan(of: window(containing: now)) else { return }
        writer.amount(.plan, plan.planned(of: limit, at: now), of: unit)
    }
}

extension Scope {
    func write(to writer: inout JSONWriter) {
        writer.object {
            let names = [
                (ScopeFields.team, "team", team), (.feature, "feature", feature), (.user, "user", user),
                (.run, "run", run), (.model, "model", model), (.provider, "provider", provider),
            ]
            for (field, name, value) in names {
                if let value = each.contains(field) ? Scope.wildcard : value { $0.field(named: name, value) }
            }
            let wildcards = eachTag.map { Tag(key: $0, value: Scope.wildcard) }
            guard !tags.isEmpty || !wildcards.isEmpty else { return }
            $0.name("tags")
            $0.object {
                for tag in (tags + wildcards).sorted(by: { $0.key < $1.key }) { $0.field(named: tag.key, tag.value) }
            }
        }
    }

    /// Writes the value of a window, by the fields that it names.
    func write(_ value: WindowValue, _ names: TeamNames, to writer: inout JSONWriter) {
        let values = called(value, names).values
        writer.object { writer in
            var tags: [(String, String)] = []
            for (name, value) in zip(eachNames, values) {
                if name.hasPrefix(ScopeFields.tagPrefix) {
                    tags.append((String(name.dropFirst(ScopeFields.tagPrefix.count)), value))
                } else {
                    writer.field(named: name, value)
                }
            }
            guard !tags.isEmpty else { return }
            writer.name("tags")
            writer.object { for (key, value) in tags { $0.field(named: key, value) } }
        }
    }
}
