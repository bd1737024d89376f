import Accounting
import Ledger

extension ReportQuery {
    /// Reads the parameters of a report.
    init(_ context: AuthenticatedContext, _ report: ReportDefinition, _ server: ServerContext) throws {
        let range = try Self.range(context, report, server)
        var (values, isOfOneTeam): ([String: [String]], Bool) = ([:], false)
        for parameter in report.parameters {
            switch parameter.kind {
            case .month, .day: continue
            case .team: isOfOneTeam = true
            default:
                let names =
                    parameter.name == ReportParameter.anyTag
                    ? context.query.names(beginning: ReportParameter.tagPrefix) : [parameter.name]
                for name in names {
                    values[name] = try context.query(name, parameter.expectation, parameter.values)
                }
            }
        }
        if isOfOneTeam {
            self.init(range, team: try context.visibleTeam(server), values: values)
        } else {
            try context.principal.require(.read(team: nil))
            self.init(range, values: values)
        }
    }

    private static func range(
        _ context: AuthenticatedContext, _ report: ReportDefinition, _ server: ServerContext
    ) throws -> ReportRange {
        let today = server.configuration.accountingZone.day(at: server.replica.now().wall)
        let month = report.takes("month") ? try context.month(until: today.month) : nil
        guard report.takesDays else { return ReportRange(month ?? today.month) }
        let from = try context.query("from", "a day, such as 2026-10-01") { CalendarDay(text: $0) }
        let to = try context.query("to", "a day, such as 2026-11-01: the day after the last") { CalendarDay(text: $0) }
        switch (from, to) {
        case (nil, nil): return ReportRange(month ?? today.month)
        case (_?, nil): throw Problem.query("to", "must be given with from: the day after the last")
        case (nil, _?): throw Problem.query("from", "must be given with to: the first day")
        case (let from?, let to?):
            if month != nil { throw Problem.query("month", "must not be given with from and to") }
            guard from <= today else { throw Problem.query("from", "must be at most \(today), the day that it is") }
            let end = today.month.next.firstDay
            guard to <= end else { throw Problem.query("to", "must be at most \(end), the end of this month") }
            guard let range = ReportRange(from: from, to: to) else {
                throw Problem.query("to", "must be after from, \(from): it is the day after the last")
            }
            return range
        }
    }
}

extension AuthenticatedContext {
    /// The month that is asked for, which has begun; nil where none is.
    func month(until current: CalendarMonth) throws -> CalendarMonth? {
        let month = try query("month", "a month, such as 2026-10") { CalendarMonth(text: $0) }
        if let month, month > current {
            throw Problem.query("month", "must be at most \(current), the month that it is")
        }
        return month
    }
}
