import Alerts
import Foundation
import Testing

struct BudgetAlertTests {
    let crossing = BudgetAlert(
        .crossed(threshold: "0.8"), budgetID: "team/search", team: "search", windowStartSeconds: 1_793_491_200,
        resetsAtSeconds: 1_796_083_200, spent: "400.125", limit: "500", unit: .usd, occurredAtSeconds: 1_795_000_000)

    @Test("the body is what a receiver is promised, byte for byte")
    func body() {
        let expected =
            #"{"type":"budget.threshold_crossed","timestamp":"2026-11-18T11:06:40Z","data":"#
            + #"{"budget":"team/search","team":"search","threshold":"0.8","unit":"usd","limit_usd":"500","#
            + #""spent_usd":"400.125","window_start":"2026-11-01T00:00:00Z","resets_at":"2026-12-01T00:00:00Z","#
            + #""message":"Budget team/search has reached 80% of its limit: $400.125 of $500. "#
            + #"It resets at 2026-12-01 00:00 UTC."}}"#
        #expect(String(decoding: crossing.message.body, as: UTF8.self) == expected)
        #expect(crossing.message.type == "budget.threshold_crossed")
        #expect(crossing.message.occurredAtSeconds == 1_795_000_000)
    }

    /// A cause, a unit, what is spent and the limit; and what a person reads.
    static let sentences: [(BudgetAlert.Cause, BudgetAlert.Unit, String, String, String)] = [
        (.crossed(threshold: "1"), .usd, "500", "500", "has reached 100% of its limit: $500 of $500."),
        (.crossed(threshold: "0.125"), .usd, "1234.5", "9000", "has reached 12.5% of its limit: $1,234.50 of $9,000."),
        (
            .crossed(threshold: "0.5"), .tokens, "1600000", "3000000",
            "has reached 50% of its limit: 1,600,000 of 3,000,000 tokens."
        ),
        (.crossed(threshold: "1"), .calls, "1000", "1000", "has reached 100% of its limit: 1,000 of 1,000 calls."),
        (
            .denied, .usd, "499.99", "500",
            "has denied a call that could need more than was left: $499.99 of $500 is spent."
        ),
    ]

    @Test("shares and amounts are said as people say them", arguments: sentences)
    func sentence(
        _ cause: BudgetAlert.Cause, _ unit: BudgetAlert.Unit, _ spent: String, _ limit: String, _ sentence: String
    ) {
        var alert = crossing
        (alert.cause, alert.unit, alert.spent, alert.limit) = (cause, unit, spent, limit)
        #expect(alert.sentence == "Budget team/search \(sentence) It resets at 2026-12-01 00:00 UTC.")
    }

    @Test("a denial is a message of another type, without a share, and a budget of no team says so")
    func denial() throws {
        var alert = crossing
        (alert.cause, alert.team) = (.denied, nil)
        let message = try decoded(alert.message)
        let data = try #require(message["data"] as? [String: Any])
        #expect(message["type"] as? String == "budget.call_denied")
        #expect(data["threshold"] == nil && data["team"] is NSNull)
    }

    @Test("amounts are named after their unit", arguments: BudgetAlert.Unit.allCases)
    func units(_ unit: BudgetAlert.Unit) throws {
        var crossing = crossing
        crossing.unit = unit
        let data = try decoded(crossing.message)["data"] as? [String: Any]
        #expect(data?["limit_\(unit.rawValue)"] as? String == "500")
        #expect(data?["spent_\(unit.rawValue)"] as? String == "400.125")
    }

    @Test("a budget that never resets says null, and one window of many says which")
    func totalAndWildcard() throws {
        var crossing = crossing
        crossing.resetsAtSeconds = nil
        crossing.scopeValues = ["user": "u1", "run": "agent-7"]
        let data = try #require(try decoded(crossing.message)["data"] as? [String: Any])
        #expect(data["resets_at"] is NSNull)
        #expect(data["scope"] as? [String: String] == ["user": "u1", "run": "agent-7"])
        #expect(
            crossing.sentence
                == "Budget team/search (run agent-7, user u1) has reached 80% of its limit: $400.125 of $500.")
    }

    @Test("any text arrives as it was", arguments: ["\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}", "é 日本 👩‍💻 \u{2028}", ""])
    func escaping(_ text: String) throws {
        var crossing = crossing
        crossing.team = text
        let data = try decoded(crossing.message)["data"] as? [String: Any]
        let team = try #require(data?["team"] as? String)
        #expect(Array(team.utf8) == Array(text.utf8))
    }

    @Test("the same crossing has the same id, whoever notices it and when")
    func stableID() {
        var later = crossing
        later.occurredAtSeconds += 60
        later.spent = "401"
        #expect(later.message.id == crossing.message.id)
        #expect(crossing.messageID.wholeMatch(of: /alert_[0-9a-f]{32}/) != nil)
    }

    @Test("every other crossing has another id")
    func differentIDs() {
        var others = Array(repeating: crossing, count: 8)
        others[1].budgetID = "team/searc"
        others[2].windowStartSeconds += 1
        others[3].cause = .crossed(threshold: "0.9")
        others[4].scopeValues = ["run": "a"]
        others[5].scopeValues = ["run": "b"]
        others[6].scopeValues = ["user": "a"]
        others[7].cause = .denied
        #expect(Set(others.map(\.messageID)).count == 8)
    }

    private func decoded(_ message: AlertMessage) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any])
    }
}
