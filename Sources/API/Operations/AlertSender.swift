import Accounting
import Alerts
import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// Delivers the alerts in the outbox. It tries each alert again until the alert is delivered or given up.
///
/// At most one alert of a channel is under way at a time, and channels whose last attempt failed have places of their
/// own. So a receiver that is slow or gone delays only its own alerts.
struct AlertSender: Service {
    let database: Database
    let delivery: WebhookDelivery
    let schedule: RetrySchedule
    /// Wakes the sender when an alert was written on this replica, or a place became free.
    let wake: AlertSignal
    let log: Logger
    private let places = DeliveryPlaces(working: 32, failing: 16)

    /// Every place, and a few tests.
    static let requestsAtOnce = 52
    private static let lookSeconds = 1
    /// The longest pause of a channel, however often it failed in a row.
    private static let longestPauseSeconds = 600

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                var isFailing = false
                while !Task.isCancelled {
                    var claimed: [DueAlert] = []
                    do {
                        claimed = try await claim()
                        isFailing = false
                    } catch {
                        // Logs one line when claims begin to fail, not one for every attempt.
                        if !isFailing { log.warning("Alerts cannot be delivered", metadata: ["error": "\(error)"]) }
                        isFailing = true
                    }
                    for alert in claimed { group.addTask { await deliver(alert) } }
                    if claimed.isEmpty { await wake.wait(atMost: .seconds(Self.lookSeconds)) }
                }
            }
        }
    }

    private func claim() async throws -> [DueAlert] {
        let free = places.free
        guard free.working + free.failing > 0 else { return [] }
        let claimed = try await database.run {
            try AlertDeliveryStore.claim(working: free.working, failing: free.failing, $0)
        }
        for alert in claimed { places.take(isFailing: alert.channelFailures > 0) }
        return claimed
    }

    private func deliver(_ alert: DueAlert) async {
        let outcome = await attempt(alert)
        // Not cancelled with the attempts: what came of one is noted during shutdown too.
        await Task { await note(outcome, of: alert) }.value
        places.giveBack(isFailing: alert.channelFailures > 0)
        wake.raise()
    }

    private func note(_ outcome: DeliveryOutcome, of alert: DueAlert) async {
        do {
            try await database.run { try note(outcome, of: alert, $0) }
        } catch {
            // The claim runs out, and the alert is sent again under the same id.
            log.warning("A delivery could not be noted", metadata: ["alert": "\(alert.alertID)", "error": "\(error)"])
        }
    }

    private func note(_ outcome: DeliveryOutcome, of alert: DueAlert, _ connection: Connection) throws {
        switch outcome {
        case .delivered:
            try AlertDeliveryStore.delivered(alert, connection)
        case .failed(let reason, let retryAfterSeconds):
            let delay = schedule.delaySeconds(
                afterAttempt: Int(alert.failedAttempts) + 1, retryAfterSeconds: retryAfterSeconds,
                jitter: Double.random(in: 0..<1))
            try AlertDeliveryStore.failed(
                alert, problem: reason, retryAfterSeconds: delay.map(Int64.init),
                pauseSeconds: pauseSeconds(after: alert.channelFailures + 1), connection)
        case .rejectedForGood(let reason):
            try AlertDeliveryStore.failed(alert, problem: reason, retryAfterSeconds: nil, pauseSeconds: 0, connection)
        case .cutShort:
            try AlertDeliveryStore.release(alert, connection)
        }
    }

    private func pauseSeconds(after failures: Int64) -> Int64 {
        let delay = schedule.delaySeconds(afterAttempt: Int(failures), jitter: 0)
        return Int64(min(delay ?? Self.longestPauseSeconds, Self.longestPauseSeconds))
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
        case .cutShort: return (false, "The server ended before the receiver answered.")
        }
    }
}
