import Accounting
import Finance
import Hummingbird
import JSON
import Ledger
import Logging
import Postgres
import Pricing

extension Problem {
    /// The only place that maps internal errors to the problems that clients see.
    init(_ error: any Error, log: Logger) {
        switch error {
        case let problem as Problem: self = problem
        case let fault as RequestFault: self = fault.problem
        case let failure as JSONFailure: self.init(failure)
        case let failure as StoreFailure: self.init(failure, log: log)
        case let failure as LedgerFailure: self.init(failure)
        case let failure as MonthClose.NotReady: self.init(failure.finding)
        case is HoldExtensions.Ended:
            self.init(.holdEnded, "The hold has ended: it was settled or voided, or it expired.")
        case is ReplayRun.TooManyWindows:
            let detail = "name budgets with more windows at once than a replay keeps: try fewer, or a shorter time"
            self.init(fields: [FieldError(pointer: "/budgets", detail: detail)])
        case is PriceFileError, is PriceExcess:
            let detail = "\(error)"
            self.init(
                .invalidFields, "The prices cannot be taken: \(detail)",
                errors: [FieldError(pointer: "", detail: detail)])
        case let failure as ProviderFileFailure:
            let detail = "\(failure)"
            self.init(
                .invalidFields, "The file cannot be taken: \(detail).",
                errors: [FieldError(pointer: "", detail: detail)])
        case PriceUpdateRefusal.before(let day):
            self.init(fields: [
                FieldError(pointer: "/on", detail: "is before \(day), when the sources of the price book were read")
            ])
        case let doubt as PriceDoubt:
            self.init(
                .doubtfulPrices, "\(doubt) Nothing was taken.",
                errors: [FieldError(pointer: "/force", detail: "is needed if this is meant")])
        case let failure as PostgresError: self.init(failure, log: log)
        case is CancellationError: self = .unavailable
        case let failure as any HTTPResponseError where failure.status == .contentTooLarge: self = .tooLarge
        default:
            log.error("A request failed", metadata: ["error": "\(error)"])
            self.init(.internalError, "Purser made a mistake. It is in the log.")
        }
    }

    static let tooLarge = Problem(.bodyTooLarge, "The body is larger than this route takes.")

    private init(_ failure: StoreFailure, log: Logger) {
        switch failure {
        case .notFound(let detail): self.init(.notFound, detail)
        case .unknownTeam(let team): self = .unknownTeam(team)
        case .teamRenamed(let name, let now):
            self.init(.teamRenamed, "\(name) is called \(now) now, and the name stays that team's.")
        case .featureMoved(let place, let now):
            self.init(.featureMoved, "\(place) was moved before: it is \(now) now.")
        case .invalid(let pointer, let detail):
            self.init(fields: [FieldError(pointer: pointer, detail: detail)])
        case .versionMismatch:
            self.init(.versionMismatch, "The budget has another version than If-Match names; read it again.")
        case .creditWithdrawn(let id):
            self.init(.creditWithdrawn, "The credit \(id) was withdrawn; add another under a new name.")
        case .creditDrawn(let id, let month):
            self.init(.creditDrawn, "The credit \(id) has paid calls of \(month), which is closed; it stays.")
        case .monthOpen(let month): self.init(.monthOpen, "\(month) is open: that is for closed months.")
        case .monthLocked(let detail): self.init(.monthLocked, detail)
        case .tokenMade(let id, .otherContent):
            self.init(
                .idempotencyConflict,
                "Token \(id) was made under this Idempotency-Key for another role, team or name. Use a new key for another token."
            )
        case .tokenMade(let id, .otherCaller):
            self.init(
                .idempotencyConflict,
                """
                Token \(id) was made under this Idempotency-Key by another caller, and only that one can get it again. If \
                nobody has it, revoke token \(id) and make another under a new key.
                """)
        case .tokenMade(let id, .revoked):
            self.init(
                .idempotencyConflict,
                "Token \(id), which was made under this Idempotency-Key, was revoked. Use a new key for another token.")
        case .ownedByOther(let id, .company):
            self.init(
                .forbidden,
                "\(id) is a budget of the company: a team's token may read it, and ask for more of it with a request.")
        case .ownedByOther(let id, .team):
            self.init(
                .forbidden, "\(id) is a budget of a team. Finance changes those of the company, whose owner is company."
            )
        case .allowanceOfTeam(let id):
            self.init(.forbidden, "Only admin and finance give an allowance, as of \(id).")
        case .requestDecided(let number, let state):
            self.init(.requestDecided, "Request \(number) is \(state.rawValue); it stays so.")
        case .unreadableBudget(let id, let why):
            self.init(
                .unavailable,
                "This server cannot read \(why) of \(id), and changes nothing. Ask a server of the newer version.")
        case .unknownTimeZone(let name):
            log.error("A stored time zone is not known here", metadata: ["zone": "\(name)"])
            self.init(.internalError, "Purser made a mistake. It is in the log.")
        }
    }

    private init(_ failure: PostgresError, log: Logger) {
        switch failure.kind {
        case .connection: self = .unavailable
        case .busy: self.init(.unavailable, "Purser is busy: \(failure). Send it again in a moment.")
        case .server(SQLState.queryCanceled):
            self.init(
                .unavailable,
                "The database did not finish this in time. Send it again when the database is less busy, or ask for less."
            )
        case .unknownOutcome: self = .unanswered
        case _ where failure.isPassing: self = .unavailable
        default:
            log.error("A statement failed", metadata: ["error": "\(failure)"])
            self.init(.internalError, "Purser made a mistake. It is in the log.")
        }
    }

    private init(_ finding: MonthClose.Finding) {
        let failed = finding.checks.filter { $0.status == .fail }.map(\.message)
        self.init(.monthNotReady, "\(finding.month) is not ready to close. \(failed.joined(separator: " "))")
        checks = finding
    }

    init(_ overflow: SumOverflow) { self.init(.sumOverflow, "\(overflow)") }

    init(_ failure: LedgerFailure) {
        switch failure {
        case .unavailable: self = .unavailable
        case .unanswered: self = .unanswered
        case .refused: self.init(.internalError, "The ledger refused this entry. It is in the log.")
        }
    }
}
