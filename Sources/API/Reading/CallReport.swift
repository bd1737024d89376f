import Accounting
import JSON
import Ledger

/// What a router reports about a finished call, in a settlement or in a usage event.
struct CallReport: Sendable {
    let usage: Usage
    let model: String?
    let provider: String?
    let tier: ServiceTier?
    let status: LedgerStatus
    let region: String?
    let providerRequestID: String?
    let providerCost: Money?
    let latencyMilliseconds: Int64?
    let quality: Fraction?
    let attempt: Int64
    let occurredAt: Timestamp?

    /// Reads the fields that both routes share. It collects errors in `fields`, whose `finish` throws them.
    init?(_ fields: inout JSONFields, pointer: String, isKnownMeter: (String) -> Bool, limits: CallLimits) {
        let format: UsageFormat? = fields.optional("usage_format", Field.choices(UsageFormat.self), Field.choice)
        var usage: Usage?
        if let value = fields.value("usage") {
            do throws(JSONFailure) {
                usage = try UsageReader.read(
                    value, format: format, pointer: "\(pointer)/usage", isKnownMeter: isKnownMeter,
                    limits: limits)
            } catch {
                if case .invalid(let errors) = error { fields.refuse(errors) }
            }
            if let problem = usage.flatMap({ limits.problem(with: $0.quantities) }) { fields.refuse("usage", problem) }
        } else {
            fields.refuse("usage", "is required")
        }
        model = fields.optional("model", Field.modelExpectation, Field.model)
        provider = fields.optional("provider", Field.modelExpectation, Field.model)
        tier = fields.optional("service_tier", Field.choices(ServiceTier.self), Field.choice)
        status = fields.optional("status", Field.choices(LedgerStatus.self), Field.choice) ?? .ok
        region = fields.optional("region", Field.nameExpectation, Field.name)
        providerRequestID = fields.optional("provider_request_id", "1 to 256 characters", Field.model)
        providerCost = fields.optional("provider_cost_usd", Field.moneyExpectation, Field.money)
        latencyMilliseconds = fields.optional("latency_ms", "a whole number of milliseconds") { value in
            value.integer.flatMap { (0...86_400_000).contains($0) ? $0 : nil }
        }
        quality = fields.optional("quality", "a number from 0 to 1 with up to six places") { value in
            Field.fraction(value).flatMap { (0...1_000_000).contains($0.millionths) ? $0 : nil }
        }
        attempt =
            fields.optional("attempt", "a whole number from 1 to 1000") { value in
                value.integer.flatMap { (1...1000).contains($0) ? $0 : nil }
            } ?? 1
        occurredAt = fields.optional("occurred_at", Field.timeExpectation, Field.time)
        guard let usage else { return nil }
        self.usage = usage
    }

    /// A call may be reported up to 400 days after it occurred. Its time may be up to five minutes ahead, because
    /// clocks differ.
    static func isRecordable(_ occurredAt: Timestamp, at now: Timestamp) -> Bool {
        (now.adding(seconds: -400 * 86_400)...now.adding(seconds: 300)).contains(occurredAt)
    }

    /// Whether the time of a settlement is good: the time that it says, otherwise that of its hold. The clock of the server
    /// that made the hold may have been ahead by more than routers' clocks may be. The router cannot put that right.
    static func isRecordable(_ stated: Timestamp?, orHoldFrom authorizedAt: Timestamp, at now: Timestamp) -> Bool {
        isRecordable(stated ?? min(authorizedAt, now), at: now)
    }

    static let recordableExpectation = "must be within the last 400 days and at most 5 minutes ahead"
}
