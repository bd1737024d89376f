/// How long to wait after each attempt that failed, until a message is given up.
package struct RetrySchedule: Sendable, Equatable {
    /// Without the jitter, nobody is made to wait longer, whatever a receiver asks for.
    package static let maxDelaySeconds = 86_400

    /// Standard Webhooks recommends retries over days, with growing delays: these make 11 attempts in about two days.
    package static let standard = RetrySchedule(
        delaysSeconds: [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400])

    /// The first is the delay after the first attempt.
    package let delaysSeconds: [Int]

    package init(delaysSeconds: [Int]) {
        self.delaysSeconds = delaysSeconds.map { min(max(0, $0), Self.maxDelaySeconds) }
    }

    /// The same growth from another first delay.
    package init(firstDelaySeconds: Int) {
        let standard = Self.standard.delaysSeconds
        let first = min(max(0, firstDelaySeconds), Self.maxDelaySeconds)
        self.init(delaysSeconds: standard.map { $0 * first / standard[0] })
    }

    /// - Parameters:
    ///   - attempt: how many have failed so far, from 1.
    ///   - retryAfterSeconds: what the receiver asked for; it lengthens the delay and never shortens it.
    ///   - jitter: 0 to 1; up to a fifth is added, so that a receiver that comes back does not meet everyone at once.
    /// - Returns: nil when the message is given up.
    package func delaySeconds(afterAttempt attempt: Int, retryAfterSeconds: Int? = nil, jitter: Double) -> Int? {
        guard delaysSeconds.indices.contains(attempt - 1) else { return nil }
        let wanted = max(delaysSeconds[attempt - 1], min(retryAfterSeconds ?? 0, Self.maxDelaySeconds))
        return wanted + Int(Double(wanted) / 5 * min(max(0, jitter), 1))
    }
}
