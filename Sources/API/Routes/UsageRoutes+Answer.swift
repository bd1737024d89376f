import Accounting
import Hummingbird
import JSON
import Ledger

extension UsageRoutes {
    /// What became of the events of one request.
    func answer(_ outcomes: [Outcome], to events: [Result<JSONValue, Problem>]) -> Response {
        var accepted: Int64 = 0
        var duplicates: Int64 = 0
        var warned: [(index: Int, warning: CallWarning)] = []
        var rejected: [(index: Int, id: String?, problem: Problem)] = []
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .accepted(let warnings):
                accepted += 1
                warned += warnings.map { (index, $0) }
            case .duplicate(let warnings, _):
                duplicates += 1
                warned += warnings.map { (index, $0) }
            case .rejected(let id, let problem): rejected.append((index, id, problem))
            }
        }
        return .json {
            $0.field("accepted", accepted)
            $0.field("duplicates", duplicates)
            $0.name("rejected")
            $0.array(rejected) { writer, rejection in
                writer.object {
                    $0.field("index", Int64(rejection.index))
                    $0.field("id", rejection.id)
                    $0.field("code", rejection.problem.code.rawValue)
                    $0.field("detail", rejection.problem.detail)
                    rejection.problem.writeErrors(to: &$0)
                }
            }
            $0.name("warnings")
            $0.array(warned) { writer, event in
                writer.object {
                    $0.field("index", Int64(event.index))
                    $0.field("id", (try? events[event.index].get())?["id"]?.string)
                    event.warning.writeFields(to: &$0)
                }
            }
        }
    }
}
