/// How long to wait after each failed attempt, until the message is given up.
package struct RetrySchedule: Sendable, Equatable {
    /// The longest delay, before jitter is added, whatever delay a receiver asks for.
    package static let maxDelaySeconds = 86_400

    /// Standard Webhooks recommends retries over days, with growing delays: these make 11 attempts in about two days.
    package static let standard = RetrySchedule(
        delaysSeconds: [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400])

    /// The first element is the delay after the first attempt.
    package let delaysSeconds: [Int]

    package init(delaysSeconds: [Int]) {
        self.delaysSeconds = delaysSeconds.map { min(max(0, $0), Self.maxDelaySeconds) }
    }

    /// The standard delays, scaled to another first delay.
    package init(firstDelaySeconds: Int) {
        let standard = Self.standard.delaysSeconds
        let first = min(max(0, firstDelaySeconds), Self.maxDelaySeconds)
        self.init(delaysSeconds: standard.map { $0 * first / standard[0] })
    }

    /// - Parameters:
    ///   - attempt: how many attempts have failed so far, from 1.
    ///   - retryAfterSeconds: the delay that the receiver asked for. It may lengthen the delay but never shortens it.
    ///   - jitter: 0 to 1. It adds up to a fifth to the delay, so that a receiver that comes back does not get all
    ///     retries at once.
    /// - Returns: nil when the message is given up.
    package func delaySeconds(afterAttempt attempt: Int, retryAfterSeconds: Int? = nil, jitter: Double) -> Int? {
        guard delaysSeconds.indices.contains(attempt - 1) else { return nil }
        let wanted = max(delaysSeconds[attempt - 1], min(retryAfterSeconds ?? 0, Self.maxDelaySeconds))
        return wanted + Int(Double(wanted) / 5 * min(max(0, jitter), 1))
    }
}
