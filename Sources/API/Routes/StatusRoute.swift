import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/status`: where a team stands, or all teams.
struct StatusRoute: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/status", server, query: ["team"]) { try await show($0) }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let (team, asked) = (try context.visibleTeam(server), try context.query("team"))
        let configuration = server.configuration
        // A team sees what counts its calls, its own and the company's.
        let budgets = configuration.budgets
            .filter { context.principal.sees($0) && (asked == nil || $0.scope.team == team) }
            .sorted { $0.id < $1.id }
        let now = server.replica.now().wall
        let zone = configuration.accountingZone
        let today = zone.day(at: now)
        let status = try await server.database.read {
            try SpendingStatus.read(budgets: budgets, team: team, at: now, today: today, in: zone, $0)
        }
        let balances = try await server.replica.balances(of: budgets, at: now, stored: status.budgets)
        return .json(capacity: 4096 + budgets.count * 512) {
            $0.field("as_of", now)
            $0.field("team", configuration.names.called(team))
            $0.field("time_zone", zone.name)
            $0.field("month", today.month.description)
            $0.field("today", today.description)
            $0.name("budgets")
            $0.array(budgets) { writer, budget in
                guard let balance = balances[budget.number] else { return }
                budget.write(to: &writer, balance, at: now, configuration.names) {
                    $0.forecast(of: budget, balance, at: now)
                }
            }
            status.write(to: &$0)
        }
    }
}

extension JSONWriter {
    /// How the budget's window will end if it goes on as it began; null where too little is known.
    fileprivate mutating func forecast(of budget: Budget, _ balance: Replica.Balance, at now: Timestamp) {
        name("forecast")
        let window = budget.window(containing: now)
        // Of each value's window nothing is said by what all have spent together.
        guard balance.values == nil,
            let forecast = SpendingForecast(of: window, limit: balance.limit, spent: balance.spent, at: now)
        else {
            return string(nil)
        }
        object {
            $0.amount(.spent, forecast.spentAtEnd, of: budget.unit)
            $0.field("course", forecast.course.name)
            let moment = forecast.course.moment
            $0.field("runs_dry_at", moment)
            $0.field("runs_dry_on", moment.map { budget.zone.day(at: $0).description })
        }
    }
}

extension SpendingForecast.Course {
    fileprivate var name: String {
        switch self {
        case .lasts: "lasts"
        case .runsDry: "runs_dry"
        case .isDry: "dry"
        }
    }

    fileprivate var moment: Timestamp? {
        if case .runsDry(let moment) = self { moment } else { nil }
    }
}
