import Alerts
import Foundation
import Testing

struct BudgetCrossingTests {
    let crossing = BudgetCrossing(
        budgetID: "team/search", team: "search", windowStartSeconds: 1_793_491_200, resetsAtSeconds: 1_796_083_200,
        threshold: "0.8", spent: "400.125", limit: "500", unit: .usd, crossedAtSeconds: 1_795_000_000)

    @Test("the body is what a receiver is promised, byte for byte")
    func body() {
        let expected =
            #"{"type":"budget.threshold_crossed","timestamp":"2026-11-18T11:06:40Z","data":"#
            + #"{"budget":"team/search","team":"search","threshold":"0.8","unit":"usd","limit_usd":"500","#
            + #""spent_usd":"400.125","window_start":"2026-11-01T00:00:00Z","resets_at":"2026-12-01T00:00:00Z","#
            + #""message":"Budget team/search has passed 80% of its limit: $400.125 of $500. "#
            + #"It resets at 2026-12-01 00:00 UTC."}}"#
        #expect(String(decoding: crossing.message.body, as: UTF8.self) == expected)
        #expect(crossing.message.type == "budget.threshold_crossed")
        #expect(crossing.message.occurredAtSeconds == 1_795_000_000)
    }

    @Test("amounts are named after their unit", arguments: BudgetCrossing.Unit.allCases)
    func units(_ unit: BudgetCrossing.Unit) throws {
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
                == "Budget team/search (run agent-7, user u1) has passed 80% of its limit: $400.125 of $500.")
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
        later.crossedAtSeconds += 60
        later.spent = "401"
        #expect(later.message.id == crossing.message.id)
        #expect(crossing.messageID.wholeMatch(of: /alert_[0-9a-f]{32}/) != nil)
    }

    @Test("every other crossing has another id")
    func differentIDs() {
        var others = Array(repeating: crossing, count: 7)
        others[1].budgetID = "team/searc"
        others[2].windowStartSeconds += 1
        others[3].threshold = "0.9"
        others[4].scopeValues = ["run": "a"]
        others[5].scopeValues = ["run": "b"]
        others[6].scopeValues = ["user": "a"]
        #expect(Set(others.map(\.messageID)).count == 7)
    }

    private func decoded(_ message: AlertMessage) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any])
    }
}
