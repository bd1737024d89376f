import JSON

/// A model that a call may be sent to, with the worst case of the call on it.
struct Candidate: Sendable {
    let name: ModelName
    /// How many models down from the one that was asked for.
    let rung: Int
    private(set) var estimate: Estimate
    /// The rule by which the requested name was derived, where the price book lacks it.
    var derivedBy: PriceBook.Rule?
    /// Nil if the estimate is for all that the call asks for.
    private(set) var clamp: Clamp?

    init(name: ModelName, rung: Int, estimate: Estimate, derivedBy: PriceBook.Rule? = nil) {
        self.name = name
        self.rung = rung
        self.estimate = estimate
        self.derivedBy = derivedBy
    }

    var isRequested: Bool { rung == 0 }

    /// The same model, held for a smaller answer.
    func clamped(to estimate: Estimate, _ clamp: Clamp) -> Candidate {
        var candidate = self
        (candidate.estimate, candidate.clamp) = (estimate, clamp)
        return candidate
    }
}

/// The models to try for a call, best first, and the reasons why others were ruled out.
struct Candidates: Sendable {
    // Most calls have one candidate. It has a field of its own so that they need no array.
    private var first: Candidate?
    private var lower: [Candidate] = []
    private(set) var refusals: [Reason] = []
    /// The requested model, if it was ruled out for a prompt that is too long: a denial says what the call could have cost.
    private(set) var overContext: Candidate?
    /// Why models below the requested one were ruled out.
    private(set) var lowerRefusals: [Reason] = []

    var count: Int { first == nil ? 0 : lower.count + 1 }
    subscript(index: Int) -> Candidate { index == 0 ? first! : lower[index - 1] }

    /// Adds a candidate, unless the prompt is longer than its model takes.
    private mutating func add(_ candidate: Candidate, _ call: Call, _ prices: ModelPrices?) {
        if let most = prices?.maximumInputTokens, call.inputTokens > most {
            let reason = Self.overContext(call, candidate.name, most)
            if candidate.isRequested {
                overContext = candidate
                refusals.append(reason)
            } else {
                lowerRefusals.append(reason)
            }
        } else if first == nil {
            first = candidate
        } else {
            lower.append(candidate)
        }
    }

    struct Refused: Error { let errors: [FieldError] }

    static func list(
        for call: Call, in configuration: Configuration, within limits: CallLimits, at now: Timestamp
    ) throws(Refused) -> Candidates {
        let requested: ModelName
        let model: ModelPrices?
        let (resolution, derivedBy) = configuration.prices.find(call.model, provider: call.provider)
        switch resolution {
        case .priced(let prices): (requested, model) = (prices.name, prices)
        case .unpriced(let name): (requested, model) = (name, nil)
        case .ambiguous(let names): throw ambiguous(call, names)
        }
        func worstCase(on model: ModelPrices?) -> Estimate? {
            Estimate.worstCase(
                of: call, on: model, under: configuration.agreements, at: now)
        }
        var candidates = Candidates()
        let ladder = configuration.ladder(for: call.who)
        if ladder == nil, call.models == nil {
            guard let estimate = worstCase(on: model) else { throw unbounded(call) }
            try check(estimate, limits)
            candidates.add(
                Candidate(name: requested, rung: 0, estimate: estimate, derivedBy: derivedBy), call, model)
            return candidates
        }
        let names = candidates.allowed(
            call, requested, model?.family ?? requested, ladder, configuration.prices, configuration.names)
        let firstRung = names.first == requested ? 0 : 1
        for (place, name) in names.enumerated() {
            let prices = name == requested ? model : configuration.prices.models[name]
            if let estimate = worstCase(on: prices) {
                try check(estimate, limits)
                candidates.add(
                    Candidate(
                        name: name, rung: firstRung + place, estimate: estimate,
                        derivedBy: name == requested ? derivedBy : nil), call, prices)
            } else if name == requested {
                throw unbounded(call)
            }
        }
        return candidates
    }

    /// The models that the ladder and the router allow, from the requested model down. A ladder or a router that names
    /// a model means its snapshots too.
    private mutating func allowed(
        _ call: Call, _ requested: ModelName, _ family: ModelName, _ ladder: [ModelName]?, _ prices: PriceBook,
        _ names: TeamNames
    ) -> [ModelName] {
        var lower: ArraySlice<ModelName> = []
        if let ladder {
            guard let place = ladder.firstIndex(of: requested) ?? ladder.firstIndex(of: family) else {
                refusals.append(Self.notOnLadder(call, ladder, names))
                return []
            }
            lower = ladder[(place + 1)...]
        }
        guard let models = call.models else { return [requested] + lower }
        let served = models.map { prices.name(of: $0, provider: nil) }
        var names = lower.compactMap { Self.served($0, among: served, prices) }.filter { $0 != requested }
        if served.contains(requested) || served.contains(family) || models.contains(call.model) {
            names.insert(requested, at: 0)
        } else {
            refusals.append(
                Reason(
                    code: .modelNotAllowed, message: "\(call.model) is not among the models the router can serve."))
        }
        return names
    }

    /// The model that the router can serve where the ladder names `rung`: that model, or else a snapshot of it.
    private static func served(_ rung: ModelName, among served: [ModelName], _ prices: PriceBook) -> ModelName? {
        if served.contains(where: { prices.isMeant(rung, by: $0) }) { return rung }
        return served.first { prices.isMeant($0, by: rung) }
    }

    private static func ambiguous(_ call: Call, _ names: [ModelName]) -> Refused {
        let choices = PriceBook.Resolution.choices(names)
        if Set(names.map(\.provider)).count == 1 {
            return Refused(errors: [FieldError(pointer: "/model", detail: "is not certain: \(call.model) \(choices)")])
        }
        return Refused(errors: [
            FieldError(pointer: "/provider", detail: "is needed: \(call.model) \(choices)")
        ])
    }

    private static func unbounded(_ call: Call) -> Refused {
        Refused(errors: [
            FieldError(
                pointer: "/max_output_tokens", detail: "is needed: no maximum output is known for \(call.model)")
        ])
    }

    /// Why a call whose output has neither a price nor a bound is refused.
    static func unbounded(_ call: Call, _ budget: Budget) -> FieldError {
        FieldError(
            pointer: "/max_output_tokens",
            detail: "is needed: no maximum output is known for \(call.model), and \(budget.id) counts tokens")
    }

    /// Refuses an estimate above the limits of one call.
    private static func check(_ estimate: Estimate, _ limits: CallLimits) throws(Refused) {
        if let cost = estimate.cost, cost > limits.cost {
            let detail = "could cost more than \(limits.cost), the most that one call may"
            throw Refused(errors: [FieldError(pointer: "", detail: detail)])
        }
        if let detail = limits.problem(withTokens: estimate.tokens) {
            throw Refused(errors: [FieldError(pointer: "", detail: detail)])
        }
    }

    private static func overContext(_ call: Call, _ name: ModelName, _ most: Int64) -> Reason {
        let (input, most) = (Budget.Unit.tokens.phrase(call.inputTokens), Budget.Unit.tokens.phrase(most))
        return Reason(
            code: .overContext, message: "\(name.model) takes \(most) of input at most, and the call has \(input).")
    }

    private static func notOnLadder(_ call: Call, _ ladder: [ModelName], _ names: TeamNames) -> Reason {
        let team = names.name(of: call.who.team)
        let place = call.who.feature.map { "\(team)/\($0)" } ?? team
        let models = ladder.map(\.model).joined(separator: ", ")
        return Reason(code: .modelNotAllowed, message: "\(place) may use \(models), but not \(call.model).")
    }
}
