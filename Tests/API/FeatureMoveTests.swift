import Foundation
import JSON
import Testing

/// `POST /v1/features/{team}/{feature}/move`, with calls before, during and after.
@Suite("A feature that is moved") struct FeatureMoveTests {
    private static let feature = #","feature":"f""#

    private static func move(
        _ from: Team, to: Team, _ more: String = "", as client: Client? = nil
    ) async throws -> Reply {
        try await (client ?? from.admin).send(
            "POST", "/v1/features/\(from.name)/f/move", #"{"team":"\#(to.name)","reason":"new owner"\#(more)}"#)
    }

    private static func setBudget(_ team: Team, _ id: String, feature: Bool, status: Int = 201) async throws {
        let scope = #"{"team":"\#(team.name)"\#(feature ? Self.feature : "")}"#
        _ = try await team.admin.json(
            "PUT", "/v1/budgets/\(id)", #"{"scope":\#(scope),"period":"month","limit_usd":"10"}"#, status: status)
    }

    private static func spent(_ team: Team, _ id: String) async throws -> Decimal {
        try await team.admin.json("GET", "/v1/budgets/\(id)").money("spent_usd")
    }

    /// What one settled call costs.
    private static let cost = Decimal(string: "0.01375")!

    @Test("takes its budget along with all that is spent or in flight, and leaves what was spent in that of its team")
    func money() async throws {
        let (old, new) = (try await Team(), try await Team())
        try await old.setBudget(limit: "10")
        try await new.setBudget(limit: "10")
        let own = "f-\(old.name)"
        try await Self.setBudget(old, own, feature: true)
        let router = try await old.token("router", ofTeam: true)
        let (spent, flying) = (
            try await old.hold("r-1", more: Self.feature), try await old.hold("r-2", more: Self.feature)
        )
        _ = try await router.json("POST", "/v1/settle", Team.settlement(spent))
        let before = try await Self.move(old, to: new, #","dry_run":true"#).json
        #expect(before["moved"]?.source == "false" && before["budgets"]?.source == #"["\#(own)"]"#)
        #expect(before["left_budgets"]?.source == #"["\#(old.budgetID)"]"#)
        #expect(before["joined_budgets"]?.source == #"["\#(new.budgetID)"]"#)
        let moved = try await Self.move(old, to: new)
        #expect(try moved.status == 200 && moved.json["moved"]?.source == "true", "\(moved.text)")

        _ = try await router.json("POST", "/v1/settle", Team.settlement(flying))
        #expect(try await Self.spent(old, own) == 2 * Self.cost)
        #expect(try await old.budget().money("spent_usd") == 2 * Self.cost)
        let later = try await router.json("POST", "/v1/authorize", old.call("r-3", more: Self.feature))
        #expect(try later.list("budgets").compactMap { $0["id"]?.string }.sorted() == [own, new.budgetID].sorted())
        #expect(
            try later.list("warnings").map { $0["message"]?.string }
                == ["\(old.name)/f was moved and counts as \(new.name)/f: name that."])
        let hold = try later.text("hold_id")
        let settled = try await router.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try await Self.spent(old, own) == 3 * Self.cost)
        #expect(try await old.budget().money("spent_usd") == 2 * Self.cost)
        #expect(try await new.budget().money("spent_usd") == Self.cost)
        let again = try await router.json("POST", "/v1/settle", Team.settlement(hold))
        #expect(try again.text("entry_id") == settled.text("entry_id") && again["duplicate"]?.source == "true")
        #expect(try await old.entries().count == 2)
        #expect(try await new.entries().count == 1)
        let history = try await old.admin.json("GET", "/v1/budgets/\(own)/history").list("history")
        #expect(history.map { $0["reason"]?.string } == [nil, "new owner"])
        try await old.verify()
    }

    @Test("stays where it was for what is told later of the time before, and is told once")
    func events() async throws {
        let (old, new) = (try await Team(), try await Team())
        func event(_ id: String, _ at: String? = nil) -> String {
            let at = at.map { #","occurred_at":"\#($0)""# } ?? ""
            return
                #"{"id":"\#(id)","source":"job","team":"\#(old.name)","feature":"f","model":"claude-opus-4-5","usage":{"input_tokens":1200,"output_tokens":310}\#(at)}"#
        }
        func report(_ event: String) async throws -> JSONValue {
            try await old.admin.json("POST", "/v1/usage", #"{"events":[\#(event)]}"#)
        }
        #expect(try await report(event("e-1"))["accepted"]?.integer == 1)
        let before = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -60))
        _ = try await Self.move(old, to: new)
        #expect(try await report(event("e-1"))["duplicates"]?.integer == 1)
        #expect(try await report(event("e-2", before)).list("warnings").isEmpty)
        let now = try await report(event("e-3"))
        #expect(try now.list("warnings").map { $0["code"]?.string } == ["moved"])
        #expect(try await report(event("e-3"))["duplicates"]?.integer == 1)
        #expect(try await old.entries().compactMap { $0["request_id"]?.string }.sorted() == ["e-1", "e-2"])
        #expect(try await new.entries().compactMap { $0["request_id"]?.string } == ["e-3"])
        try await old.verify()
    }

    @Test("has ids of events beside those of its new team", arguments: [true, false])
    func eventsOfTwoTeams(isNewFirst: Bool) async throws {
        let (old, new) = (try await Team(), try await Team())
        _ = try await Self.move(old, to: new)
        func report(_ team: Team, output: Int) async throws -> JSONValue {
            let event =
                #"{"id":"e-1","source":"\#(old.name)","team":"\#(team.name)","feature":"f","model":"claude-opus-4-5","usage":{"input_tokens":1200,"output_tokens":\#(output)}}"#
            return try await old.admin.json("POST", "/v1/usage", #"{"events":[\#(event)]}"#)
        }
        let teams = isNewFirst ? [new, old] : [old, new]
        for team in teams { #expect(try await report(team, output: 1)["accepted"]?.integer == 1) }
        for team in teams { #expect(try await report(team, output: 1)["duplicates"]?.integer == 1) }
        _ = try await report(old, output: 2)
        let disputed = try await old.admin.json("GET", "/v1/disputed?team=\(new.name)").list("disputed")
        let number = try #require(disputed.first?["number"]?.integer)
        #expect(disputed.count == 1 && disputed[0]["source"]?.string == old.name)
        _ = try await old.admin.json("POST", "/v1/disputed/\(number)/accept", #"{"reason":"r"}"#)
        #expect(try await report(old, output: 2)["duplicates"]?.integer == 1)
        #expect(try await report(new, output: 1)["duplicates"]?.integer == 1)
        #expect(try await new.entries().count == 4)
        try await old.verify()
    }

    @Test("is counted by a budget that is made for it later, from before too")
    func opening() async throws {
        let (old, new) = (try await Team(), try await Team())
        for id in ["r-1", "r-2"] {
            if id == "r-2" { _ = try await Self.move(old, to: new) }
            _ = try await old.admin.json(
                "POST", "/v1/settle", Team.settlement(try await old.hold(id, more: Self.feature)))
        }
        try await Self.setBudget(new, "f-\(new.name)", feature: true)
        #expect(try await Self.spent(new, "f-\(new.name)") == 2 * Self.cost)
        // By its old name it is the same budget.
        try await Self.setBudget(old, "f-\(new.name)", feature: true, status: 200)
        try await new.setBudget(limit: "10")
        #expect(try await new.budget().money("spent_usd") == Self.cost)
    }

    @Test("takes its ladder along, unless it has one there")
    func ladder() async throws {
        let teams = [try await Team(), try await Team(), try await Team()]
        let models = #"{"models":["claude-haiku-4-5"]}"#
        for team in teams.dropLast() { _ = try await team.admin.json("PUT", "/v1/ladders/\(team.name)/f", models) }
        #expect(try await Self.move(teams[0], to: teams[2]).json.text("ladder") == "moved")
        #expect(try await Self.move(teams[1], to: teams[2]).json.text("ladder") == "replaced")
        let ladders = try await teams[0].admin.json("GET", "/v1/ladders?team=\(teams[2].name)").list("ladders")
        #expect(ladders.map { $0["feature"]?.string } == ["f"])
    }

    @Test("is moved back to be itself again, and by no way to a place that another has left")
    func back() async throws {
        let (old, new, third) = (try await Team(), try await Team(), try await Team())
        _ = try await Self.move(old, to: new)
        try await Self.move(old, to: third).expectProblem(409, "feature_moved")
        try await Self.move(third, to: old).expectProblem(422, "invalid_fields", pointer: "/feature")
        try await Self.move(new, to: new).expectProblem(422, "invalid_fields", pointer: "/team")
        #expect(try await Self.move(new, to: old).status == 200)
        #expect(try await old.authorize("r-1", more: Self.feature).list("warnings").isEmpty)
        #expect(try await new.authorize("r-1", more: Self.feature).list("warnings").count == 1)
        let moves = try await old.token("team").json("GET", "/v1/moves").list("moves")
        #expect(moves.map { $0["to"]?["team"]?.string } == [old.name, new.name])
    }

    @Test(
        "is moved by finance and admin alone, also with a budget of the company",
        arguments: [("router", 403), ("team", 403), ("finance", 200)])
    func roles(role: String, status: Int) async throws {
        let (old, new) = (try await Team(), try await Team())
        _ = try await old.admin.json(
            "PUT", "/v1/budgets/f-\(old.name)",
            #"{"scope":{"team":"\#(old.name)","feature":"f"},"period":"month","limit_usd":"10","owner":"company"}"#,
            status: 201)
        let reply = try await Self.move(old, to: new, as: try await old.token(role))
        #expect(reply.status == status, "\(reply.text)")
        let team = try await old.admin.json("GET", "/v1/budgets/f-\(old.name)")["scope"]?["team"]?.string
        #expect(team == (status == 200 ? new.name : old.name))
    }

    @Test("is told by purser feature move what goes along and what stays, and asked for")
    func command() async throws {
        let (old, new) = (try await Team(), try await Team())
        try await old.setBudget()
        let own = "f-\(old.name)"
        try await Self.setBudget(old, own, feature: true)
        let move = ["feature", "move", "\(old.name)/f", "\(new.name)/g", "--reason", "reorg"]
        let change = "\(old.name)/f → \(new.name)/g"
        let told = """
            Goes along with all that it has spent: \(own).
            Keeps what was spent, and counts no more of it: \(old.budgetID).
            Calls that name \(old.name)/f count as \(new.name)/g from now on, and are warned.

            """
        let asked = try await old.purser(move)
        asked.expect(2, output: false)
        #expect(asked.errors == told + "Error: Move \(change)? Nobody can be asked here: --yes is needed.\n")
        let done = try await old.purser(move + ["--yes"])
        done.expect(0, output: false)
        #expect(done.errors == told + "\(change): moved.\n")
        let list = try await old.purser("feature", "moves", "--team", old.name, "--output", "csv")
        list.expect(0, output: true)
        #expect(list.lines.dropFirst().first?.hasPrefix("\(old.name)/f,\(new.name)/g,") == true, "\(list.output)")
        try await old.purser("feature", "move", old.name, new.name, "--reason", "r").expect(2, output: false)
    }
}
