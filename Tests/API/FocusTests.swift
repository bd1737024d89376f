import Foundation
import JSON
import Testing

@Suite struct FocusTests {
    private static let path = "/v1/reports/focus"

    @Test("a month is a file of FOCUS, with what a team has spent in it, and it holds")
    func file() async throws {
        let team = try await Team()
        _ = try await team.admin.json("POST", "/v1/settle", Team.settlement(team.hold("r-1")))
        let reply = try await team.admin.send("GET", "\(Self.path)?month=\(ReportTests.month)")
        #expect(reply.status == 200 && reply.header("Content-Type")?.hasPrefix("text/csv") == true)
        let lines = reply.text.split(whereSeparator: \.isNewline)
        let names = try #require(lines.first).split(separator: ",")
        #expect(names.contains("ProviderName") && names.count { !$0.hasPrefix("x_") } == 57)
        let rows = lines.filter { $0.contains(",\(team.name),") }
        #expect(rows.count == 2 && rows.allSatisfy { $0.contains(",Usage,") })

        let directory = try ScratchDirectory()
        for (version, dataset) in [("1.2", "cost-and-usage"), ("1.4", "cost-and-usage")] {
            let file = "\(directory.path)/\(version).csv"
            let export = try await team.purser(
                "report", "focus", "--month", ReportTests.month, "--focus-version", version, "--dataset", dataset, "-o",
                file)
            export.expect(0, output: false, errors: false)
            let verify = try await Command.run(["focus", "verify", file], as: nil)
            verify.expect(0, output: true, errors: false)
            #expect(verify.output.contains("of FOCUS \(version) hold"))
            let wrong = try await Command.run(["focus", "verify", file, "--total", "-1"], as: nil)
            wrong.expect(6, output: true)
            #expect(wrong.output.hasPrefix("line 1: total: BilledCost comes to"))
        }
    }

    @Test(
        "the datasets of bills are of version 1.4",
        arguments: [("billing-period", "BillingPeriodCreated,"), ("invoice-detail", "BilledCost,")])
    func bills(dataset: String, start: String) async throws {
        let admin = try await PurserServer.shared.admin
        #expect(try await admin.send("GET", "\(Self.path)?dataset=\(dataset)").text.hasPrefix(start))
        try await admin.send("GET", "\(Self.path)?dataset=\(dataset)&focus_version=1.2")
            .expectProblem(422, "invalid_fields", pointer: "/focus_version")
        let printed = try await Command.run(["report", "focus", "--dataset", dataset], as: admin)
        printed.expect(0, output: true, errors: false)
        #expect(printed.output.hasPrefix(start))
    }

    @Test(
        "what it does not know is refused by name",
        arguments: [
            ("month=2026-13", "/month"), ("month=2199-01", "/month"), ("focus_version=1.3", "/focus_version"),
            ("dataset=contract", "/dataset"), ("team=t", "/team"),
        ])
    func refused(query: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("GET", "\(Self.path)?\(query)")
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }

    @Test(
        "it is of all teams, and only for those who read all",
        arguments: [("team", 403), ("router", 403), ("finance", 200)])
    func roles(role: String, status: Int) async throws {
        #expect(try await Team().token(role).send("GET", Self.path).status == status)
    }

    @Test(
        "options of other reports are wrong usage",
        arguments: [
            "report focus --team t", "report focus --format json", "report models --focus-version 1.4",
            "report focus --focus-version 1.3", "focus verify f --total much",
        ])
    func usage(line: String) async throws {
        try await Command.run(line.split(separator: " ").map(String.init), as: nil).expect(
            2, output: false, errors: true)
    }

    @Test("a file that was there stays where its month is refused")
    func keptFile() async throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/f.csv"
        try "before".write(toFile: path, atomically: false, encoding: .utf8)
        let admin = try await PurserServer.shared.admin
        let command = try await Command.run(["report", "focus", "--month", "2199-01", "-o", path], as: admin)
        command.expect(1, output: false, errors: true)
        #expect(directory.text("f.csv") == "before")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["f.csv"])
    }
}
