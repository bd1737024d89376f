import Accounting
import Alerts
import Ledger
import Logging
import ServiceLifecycle

/// Delivers the alerts in the outbox. It tries each alert again until the alert is delivered or given up.
struct AlertSender: Service {
    let database: Database
    let delivery: WebhookDelivery
    let schedule: RetrySchedule
    /// Wakes the sender when a budget threshold was crossed on this replica.
    let wake: AlertSignal
    let log: Logger

    static let deliveredAtOnce = 16
    private static let lookSeconds = 1

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            while !Task.isCancelled {
                var delivered = 0
                do {
                    delivered = try await deliverDue()
                    isFailing = false
                } catch {
                    // Logs one line when deliveries begin to fail, not one for every attempt.
                    if !isFailing { log.warning("Alerts could not be delivered", metadata: ["error": "\(error)"]) }
                    isFailing = true
                }
                if delivered == 0 { await wake.wait(atMost: .seconds(Self.lookSeconds)) }
            }
        }
    }

    /// Attempts each alert that is due now once, at most `deliveredAtOnce` of them, and returns how many it attempted.
    private func deliverDue() async throws -> Int {
        let due = try await database.run { try AlertDeliveryStore.claim(limit: Int64(Self.deliveredAtOnce), $0) }
        await withTaskGroup(of: Void.self) { group in
            for alert in due { group.addTask { await deliver(alert) } }
        }
        return due.count
    }

    private func deliver(_ alert: DueAlert) async {
        let outcome = await attempt(alert)
        do {
            try await database.run { connection in
                switch outcome {
                case .delivered:
                    try AlertDeliveryStore.delivered(alert, connection)
                case .failed(let reason, let retryAfterSeconds):
                    let delay = schedule.delaySeconds(
                        afterAttempt: Int(alert.attempts), retryAfterSeconds: retryAfterSeconds,
                        jitter: Double.random(in: 0..<1))
                    try AlertDeliveryStore.failed(
                        alert, problem: reason, retryAfterSeconds: delay.map(Int64.init), connection)
                case .rejectedForGood(let reason):
                    try AlertDeliveryStore.failed(alert, problem: reason, retryAfterSeconds: nil, connection)
                }
            }
        } catch {
            // The claim on the alert expires, and the alert is sent again under the same id.
            log.warning("A delivery could not be noted", metadata: ["alert": "\(alert.alertID)", "error": "\(error)"])
        }
    }

    private func attempt(_ alert: DueAlert) async -> DeliveryOutcome {
        guard let endpoint = endpoint(alert.channel) else { return .rejectedForGood(reason: Self.unusable) }
        return await delivery.attempt(alert.message, to: endpoint, nowSeconds: SystemClock.wallTime().seconds)
    }

    private static let unusable = "The channel's URL or secret cannot be used; add the alert anew."

    private func endpoint(_ channel: AlertChannel) -> WebhookEndpoint? {
        guard let secret = WebhookSecret(channel.secret) else { return nil }
        return try? WebhookEndpoint(url: channel.url, secret: secret)
    }

    /// Sends one message that is marked as a test.
    func test(_ channel: AlertChannel) async -> (isDelivered: Bool, detail: String) {
        guard let endpoint = endpoint(channel) else { return (false, Self.unusable) }
        let now = SystemClock.wallTime()
        let message = AlertMessage.test(
            id: "test_\(channel.name)_\(now.microseconds)", alertName: channel.name, team: channel.team,
            nowSeconds: now.seconds)
        switch await delivery.attempt(message, to: endpoint, nowSeconds: now.seconds) {
        case .delivered(let status): return (true, "The receiver answered \(status).")
        case .failed(let reason, _), .rejectedForGood(let reason): return (false, reason)
        }
    }
}

extension DueAlert {
    /// The message of a crossing. Its id stays the same across attempts and server restarts.
    var message: AlertMessage {
        let crossing = BudgetCrossing(
            budgetID: budgetID, team: channel.team, windowStartSeconds: windowStart.seconds,
            resetsAtSeconds: windowEnd?.seconds, threshold: threshold.description, spent: unit.text(spent),
            limit: unit.text(limit), unit: BudgetCrossing.Unit(rawValue: unit.rawValue)!,
            crossedAtSeconds: crossedAt.seconds)
        let message = crossing.message
        // A budget that is removed and created again may cross the same threshold in the same window a second time. The
        // alert id keeps the two messages apart.
        return AlertMessage(
            id: "\(message.id)_\(alertID)", type: message.type, occurredAtSeconds: message.occurredAtSeconds,
            body: message.body)
    }
}
