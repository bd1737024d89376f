import Crypto
import Foundation
import Wording

extension BudgetCrossing {
    package static let messageType = "budget.threshold_crossed"

    package var message: AlertMessage {
        AlertMessage(
            id: messageID, type: Self.messageType, occurredAtSeconds: crossedAtSeconds,
            body: AlertJSON.envelope(type: Self.messageType, seconds: crossedAtSeconds, data: data).bytes)
    }

    /// Made from the budget, the window, the threshold and the scope, but not from when the crossing was noticed or by
    /// which replica. So there is one id per window and threshold.
    package var messageID: String {
        let scope = sortedScope.flatMap { [$0.key, $0.value] }
        let parts = [budgetID, String(windowStartSeconds), threshold] + scope
        // The length before each part keeps apart lists of parts that would read the same when joined.
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        let digest = SHA256.hash(data: Array(text.utf8))
        return "alert_" + digest.prefix(16).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// One sentence for a person.
    package var sentence: String {
        let values = sortedScope.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let window = values.isEmpty ? "" : " (\(values))"
        let reset = resetsAtSeconds.map { " It resets at \(Phrase.time(AlertJSON.timestamp($0)))." } ?? ""
        let use =
            unit == .usd
            ? "\(Phrase.dollars(spent)) of \(Phrase.dollars(limit))" : "\(spent) of \(limit) \(unit.rawValue)"
        return "Budget \(budgetID)\(window) has passed \(Phrase.share(threshold)) of its limit: \(use).\(reset)"
    }

    private var data: AlertJSON {
        var members: [(name: String, value: AlertJSON)] = [
            ("budget", .text(budgetID)),
            ("team", .text(team)),
            ("threshold", .text(threshold)),
            ("unit", .text(unit.rawValue)),
            ("limit_\(unit.rawValue)", .text(limit)),
            ("spent_\(unit.rawValue)", .text(spent)),
            ("window_start", .text(AlertJSON.timestamp(windowStartSeconds))),
            ("resets_at", resetsAtSeconds.map { .text(AlertJSON.timestamp($0)) } ?? .null),
            ("message", .text(sentence)),
        ]
        if !scopeValues.isEmpty {
            members.append(("scope", .object(sortedScope.map { ($0.key, .text($0.value)) })))
        }
        return .object(members)
    }

    private var sortedScope: [(key: String, value: String)] {
        scopeValues.sorted { $0.key < $1.key }
    }
}
