import Foundation
import JSON
import Testing

/// `purser budget export` and `purser apply`.
@Suite struct ApplyTests {
    private let team: Team
    private var file: String {
        """
        budgets:
          \(team.budgetID):
            scope: {team: \(team.name)}
            period: month
            limit_usd: 700
            alert_at: [0.8, 0.5]
          calls-\(team.name):
            scope: {team: \(team.name), tags: {z: "1", a: b}}
            period: day
            limit_calls: 5
            enforcement: soft
        """
    }

    init() async throws { team = try await Team() }

    private func apply(_ file: String, _ options: String..., as client: Client? = nil) async throws -> Command {
        try await team.purser(["apply", "-f", "-"] + options, as: client, input: file)
    }

    @Test("the file is shown as what differs, asked for where a hard budget is loosened, and applied once")
    func life() async throws {
        try await team.setBudget(more: #","alert_at":[0.5]"#)
        let dry = try await apply(file, "--dry-run")
        dry.expect(6, output: true, errors: false)
        #expect(
            dry.output == """
                ~ \(team.budgetID): limit $500 → $700; alerts 50% → 50%, 80%; spent $0 of $700, 0%
                + calls-\(team.name): scope team=\(team.name) tags.a=b tags.z=1; period day; limit 5 calls; \
                enforcement soft

                """)
        let refused = try await apply(file)
        refused.expect(2, output: true)
        #expect(refused.errors.contains("This loosens or removes 1 hard budget. Do it?"), "\(refused.errors)")
        #expect(try await team.budget().money("limit_usd") == 500)
        let applied = try await apply(file, "--yes", "--reason", "budget round")
        applied.expect(0, output: true)
        #expect(applied.errors == "2 budgets changed.\n")
        let history = try await team.admin.json("GET", "\(team.budgetPath)/history").list("history")
        #expect(history.last?["reason"]?.string == "budget round")
        let again = try await apply(file, "--dry-run")
        again.expect(0, output: false)
        #expect(again.errors == "Every budget is as the file says.\n")
        #expect(try await team.budget()["version"]?.integer == 2)
    }

    @Test("what is exported differs in nothing, whatever a budget has")
    func export() async throws {
        try await team.setLadderAndAlert()
        try await team.setBudget(
            more: """
                ,"alert_at":[0.5,1],"downgrade_at":0.8,"time_zone":"Europe/Berlin","unpriced":"admit","owner":"company",\
                "carry_over":{"cap_usd":"50"},"planned":{"2026-12":"700"},"pacing":true,"unsettled":"input",\
                "allowance_usd":"20"
                """)
        for (name, rest) in [
            ("w", #""period":"week","starts_on":"sunday","limit_tokens":5000"#),
            ("h", #""period":{"hours":5},"limit_calls":7,"enforcement":"shadow""#),
        ] {
            _ = try await team.admin.json(
                "PUT", "/v1/budgets/\(name)-\(team.name)",
                #"{"scope":{"team":"\#(team.name)","user":"*","tags":{"a":"1"}},\#(rest)}"#, status: 201)
        }
        let exported = try await team.purser("budget", "export", "--team", team.name)
        exported.expect(0, output: true, errors: false)
        let dry = try await apply(exported.output, "--dry-run", "--prune", "--team", team.name)
        dry.expect(0, output: false)
    }

    @Test("budgets that the file does not name stay, unless they are pruned")
    func prune() async throws {
        try await team.setBudget()
        try await apply("budgets: {}").expect(0, output: false)
        let pruned = try await apply("budgets: {}", "--prune", "--team", team.name, "--yes")
        pruned.expect(0, output: true)
        #expect(pruned.output.hasPrefix("- \(team.budgetID): scope team=\(team.name); "), "\(pruned.output)")
        try await team.admin.send("GET", team.budgetPath).expectProblem(404, "not_found")
    }

    @Test("a team's token applies what it may, and no budget of the company")
    func roles() async throws {
        try await team.setBudget(more: #","owner":"company""#)
        let own = try await team.token("team")
        let before = try await team.budget().source
        let refused = try await apply(file, "--yes", as: own)
        refused.expect(1, output: false)
        #expect(refused.errors.contains("\(team.budgetID) is a budget of the company"), "\(refused.errors)")
        #expect(refused.errors.hasSuffix("Nothing was changed.\n"), "\(refused.errors)")
        try await apply("budgets: {}", "--prune", "--yes", "--team", team.name, as: own).expect(1, output: true)
        #expect(try await team.budget().source == before)
    }

    @Test(
        "a file with faults tells all of them in a dry run too, and nothing of it is applied", arguments: [true, false])
    func faults(isDry: Bool) async throws {
        try await team.setBudget()
        let faulty = """
            budgets:
              good-\(team.name): {scope: {team: \(team.name)}, period: day, limit_usd: 5}
              \(team.budgetID): {scope: {team: \(team.name)}, period: month, limt_usd: 600}
              lost-\(team.name): {scope: {team: nobody-here}, period: day, limit_usd: 5}
              less-\(team.name): {scope: {team: \(team.name)}, period: day, limit_usd: -5, enforcement: firm}
            """
        let run = try await apply(faulty, isDry ? "--dry-run" : "--yes")
        run.expect(1, output: false)
        for told in ["limt_usd", "nobody-here", "less-\(team.name): enforcement", "less-\(team.name): limit_usd"] {
            #expect(run.errors.contains(told), "\(run.errors)")
        }
        try await team.admin.send("GET", "/v1/budgets/good-\(team.name)").expectProblem(404, "not_found")
    }

    @Test("a file from before its team was renamed changes nothing")
    func renamed() async throws {
        try await team.setBudget()
        let exported = try await team.purser("budget", "export", "--team", team.name).output
        _ = try await team.admin.json("POST", "/v1/teams/\(team.name)/rename", #"{"name":"\#(team.name)-new"}"#)
        let dry = try await apply(exported, "--dry-run")
        dry.expect(0, output: false)
        #expect(dry.errors == "Every budget is as the file says.\n")
    }
}
