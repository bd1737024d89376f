import Crypto
import Wording

extension BudgetAlert {
    package var message: AlertMessage {
        AlertMessage(
            id: messageID, type: messageType, occurredAtSeconds: occurredAtSeconds,
            body: AlertJSON.envelope(type: messageType, seconds: occurredAtSeconds, data: data).bytes)
    }

    package var messageType: String {
        switch cause {
        case .crossed: "budget.threshold_crossed"
        case .denied: "budget.call_denied"
        }
    }

    /// Made from the budget, the window, the cause and the scope, but not from when it was noticed or by which replica.
    /// So there is one id per window and cause.
    package var messageID: String {
        let cause =
            switch cause {
            case .crossed(let threshold): threshold
            case .denied: "denied"
            }
        let scope = sortedScope.flatMap { [$0.key, $0.value] }
        let parts = [budgetID, String(windowStartSeconds), cause] + scope
        // The length before each part keeps apart lists of parts that would read the same when joined.
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        let digest = SHA256.hash(data: Array(text.utf8))
        return "alert_" + digest.prefix(16).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// One sentence or two for a person.
    package var sentence: String {
        let values = sortedScope.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let window = values.isEmpty ? "" : " (\(values))"
        let reset = resetsAtSeconds.map { " It resets at \(Phrase.time(AlertJSON.timestamp($0)))." } ?? ""
        switch cause {
        case .crossed(let threshold):
            return "Budget \(budgetID)\(window) has reached \(Phrase.share(threshold)) of its limit: \(use).\(reset)"
        case .denied:
            return
                "Budget \(budgetID)\(window) has denied a call that could need more than was left: \(use) is spent.\(reset)"
        }
    }

    /// `$400.25 of $500`, `1,600,000 of 2,000,000 tokens`.
    private var use: String {
        switch unit {
        case .usd: "\(Phrase.dollars(spent)) of \(Phrase.dollars(limit))"
        case .tokens: "\(Phrase.number(spent)) of \(Phrase.number(limit)) tokens"
        case .calls: "\(Phrase.number(spent)) of \(Phrase.number(limit)) calls"
        }
    }

    private var data: AlertJSON {
        var members: [(name: String, value: AlertJSON)] = [
            ("budget", .text(budgetID)),
            ("team", team.map { .text($0) } ?? .null),
        ]
        if case .crossed(let threshold) = cause { members.append(("threshold", .text(threshold))) }
        members += [
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
