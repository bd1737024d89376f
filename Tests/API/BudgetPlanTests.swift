import JSON
import Testing

/// `purser budget change --plan`.
@Suite("A planned month") struct BudgetPlanTests {
    @Test("is changed or added by its name, and the others stay")
    func merge() async throws {
        let team = try await Team()
        try await team.setBudget(more: #","planned":{"2027-01":"600","2027-02":"700"}"#)
        let change = ["budget", "change", team.budgetID, "--plan", "2027-02=650", "--plan", "2027-03=800", "--yes"]
        try await team.purser(change).expect(0, output: true)
        let planned = try await team.budget()["planned"]?.fields.map { "\($0.name) \($0.value.string ?? "")" }
        #expect(planned == ["2027-01 600", "2027-02 650", "2027-03 800"])
    }

    @Test("a new hard budget that is used up already is said to deny")
    func usedUp() async throws {
        let team = try await Team()
        let run = try await team.purser([
            "budget", "set", team.budgetID, "--team", team.name, "--limit", "0",
        ])
        run.expect(0, output: true)
        #expect(run.errors.contains("Spent $0 of $0: calls are denied until"), "\(run.errors)")
    }
}
