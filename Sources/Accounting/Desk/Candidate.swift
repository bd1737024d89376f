import JSON

/// One model a call may be sent to, with what it may cost there and the budgets that would pay.
struct Candidate: Sendable {
    let name: ModelName
    let isRequested: Bool
    let estimate: Estimate
    let budgets: [Budget]

    struct Refused: Error { let errors: [FieldError] }

    func isLast(of candidates: ArraySlice<Candidate>) -> Bool { candidates.last?.name == name }

    /// The models to try for `call`, best first, and why others were passed over.
    static func list(
        for call: Call, in configuration: Configuration, at now: Timestamp
    ) -> Result<(candidates: [Candidate], refusals: [Reason]), Refused> {
        let prices = configuration.prices
        let requested: ModelName
        switch prices.resolve(call.model, provider: call.provider) {
        case .priced(let model): requested = model.name
        case .unpriced(let name): requested = name
        case .ambiguous(let names):
            let choices = names.prefix(4).map(\.provider).joined(separator: ", ")
            return .failure(
                Refused(errors: [
                    FieldError(pointer: "/provider", detail: "is needed: \(call.model) is sold by \(choices)")
                ]))
        }
        var names = [requested]
        if let ladder = configuration.ladder(for: call.who) {
            guard let rung = ladder.firstIndex(of: requested) else {
                return .success(([], [notOnLadder(call, ladder)]))
            }
            names = Array(ladder[rung...])
        }
        var refusals: [Reason] = []
        if let served = call.models.map({ $0.map { prices.name(of: $0, provider: nil) } }) {
            let unserved = names.filter {
                !served.contains($0) && !($0 == requested && call.models!.contains(call.model))
            }
            names.removeAll { unserved.contains($0) }
            if unserved.contains(requested) {
                refusals.append(
                    Reason(
                        code: .modelNotAllowed, message: "\(call.model) is not among the models the router can serve."))
            }
        }
        var candidates: [Candidate] = []
        for name in names {
            let estimate = Estimate.worstCase(of: call, on: prices.models[name], at: now)
            guard let estimate else {
                if name != requested { continue }
                return .failure(
                    Refused(errors: [
                        FieldError(
                            pointer: "/max_output_tokens",
                            detail: "is needed: no maximum output is known for \(call.model)")
                    ]))
            }
            candidates.append(
                Candidate(
                    name: name, isRequested: name == requested, estimate: estimate,
                    budgets: configuration.scopes.budgets(for: call.who, model: name)))
        }
        return .success((candidates, refusals))
    }

    private static func notOnLadder(_ call: Call, _ ladder: [ModelName]) -> Reason {
        let place = call.who.feature.map { "\(call.who.team)/\($0)" } ?? call.who.team
        let models = ladder.map(\.model).joined(separator: ", ")
        return Reason(code: .modelNotAllowed, message: "\(place) may use \(models), but not \(call.model).")
    }
}
