import Hummingbird

/// An answer to `POST /v1/authorize`, as long as a real one.
struct Verdict: ResponseEncodable {
    let verdict: String
    let requestID: String
    let holdID: String
    let model: String
    let provider: String
    let estimatedCost: String
    let expiresAt: String
    let reason: String?
    let budgets: [BudgetState]
    let warnings: [String]

    enum CodingKeys: String, CodingKey {
        case verdict
        case requestID = "request_id"
        case holdID = "hold_id"
        case model, provider
        case estimatedCost = "estimated_cost_usd"
        case expiresAt = "expires_at"
        case reason, budgets, warnings
    }

    init(of call: Call) {
        verdict = "admit"
        requestID = call.requestID
        holdID = Self.sealedHold
        model = call.model
        provider = "openai"
        estimatedCost = "0.000420000"
        expiresAt = "2026-11-21T10:10:00Z"
        reason = nil
        budgets = [BudgetState(id: "team/\(call.team)")]
        warnings = []
    }

    /// A placeholder as long as a real encrypted hold token.
    private static let sealedHold = String(repeating: "a", count: 200)
}

struct BudgetState: Encodable {
    let id: String
    let enforcement = "hard"
    let limit = "1000000000"
    let spent = "1234.567890000"
    let held = "0.012345600"
    let remaining = "999998765.419764400"
    let resetsAt = "2026-12-01T00:00:00Z"

    enum CodingKeys: String, CodingKey {
        case id, enforcement
        case limit = "limit_usd"
        case spent = "spent_usd"
        case held = "held_usd"
        case remaining = "remaining_usd"
        case resetsAt = "resets_at"
    }
}
