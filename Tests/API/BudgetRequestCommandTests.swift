import Foundation
import JSON
import Testing

/// `purser budget request`, `requests`, `approve` and `deny`.
@Suite struct BudgetRequestCommandTests {
    @Test("a team asks, finance sees it and answers, and each is told what that means")
    func life() async throws {
        let team = try await Team()
        try await team.setBudget(more: #","owner":"company","allowance_usd":"10""#)
        let (own, finance) = (try await team.token("team"), try await team.token("finance"))
        func ask(_ amount: String) async throws -> Command {
            try await team.purser(
                "budget", "request", team.budgetID, amount, "--until", "2d", "--reason", "launch", "--output", "json",
                as: own)
        }
        let allowed = try await ask("+10")
        allowed.expect(0, output: true)
        #expect(allowed.errors.contains("is approved by the allowance.\n"), "\(allowed.errors)")
        #expect(allowed.errors.hasSuffix("\(team.budgetID): Spent $0 of $510, 0%.\n"), "\(allowed.errors)")
        var numbers: [String] = []
        for amount in ["+200", "300"] {
            let asked = try await ask(amount)
            asked.expect(0, output: true)
            let number = try #require(try JSONDocument(text: asked.output).root["number"]?.integer)
            #expect(asked.errors == "Request \(number) is open.\n")
            numbers.append(String(number))
        }
        let list = try await team.purser("budget", "requests", "--team", team.name, as: finance)
        list.expect(0, output: true, errors: false)
        #expect(list.lines.count == 3 && list.output.contains("200.00") && list.output.contains("launch"))
        try await team.purser("budget", "approve", numbers[0], as: own).expect(1, output: false)
        let approved = try await team.purser("budget", "approve", numbers[0], "--reason", "fine", as: finance)
        approved.expect(0, output: true)
        #expect(approved.errors.hasSuffix("\(team.budgetID): Spent $0 of $710, 0%.\n"), "\(approved.errors)")
        let denied = try await team.purser("budget", "deny", numbers[1], as: finance)
        denied.expect(0, output: true)
        #expect(denied.errors.hasPrefix("Request \(numbers[1]) is denied by "), "\(denied.errors)")
        let late = try await team.purser("budget", "withdraw", team.budgetID, "--request", numbers[1], as: own)
        late.expect(1, output: false)
        #expect(late.errors.contains("denied"), "\(late.errors)")
        let asked = try #require(try JSONDocument(text: try await ask("+7").output).root["number"]?.integer)
        let other = try await team.purser("budget", "withdraw", "other", "--request", String(asked), as: own)
        other.expect(1, output: false)
        let taken = try await team.purser("budget", "withdraw", team.budgetID, "--request", String(asked), as: own)
        taken.expect(0, output: false)
        #expect(taken.errors == "Request \(asked) is withdrawn.\n")
        let all = try await team.purser("budget", "requests", "--team", team.name, "--all", as: finance)
        #expect(all.lines.count == 5)
    }
}
