import Foundation
import JSON
import Testing

@Suite("/v1/reconciliations") struct ReconciliationTests {
    static let fields: [String: Shape] = [
        "id": .text, "month": .text, "provider": .text, "format": .text, "made_at": .time, "made_by": .text,
        "last_day": .orNull(.text), "ours_usd": .money, "theirs_usd": .money, "theirs_exact_usd": .text,
        "difference_usd": .money, "open_lines": .integer, "replaced": .flag, "warnings": .list,
    ]
    static let lineFields: [String: Shape] = [
        "number": .integer, "kind": .text, "day": .orNull(.text), "model": .orNull(.text), "ours_usd": .money,
        "theirs_usd": .money, "difference_usd": .money, "ours_tokens": .orNull(.integer),
        "theirs_tokens": .orNull(.integer), "detail": .orNull(.text), "open": .flag, "accepted_at": .orNull(.time),
        "accepted_by": .orNull(.text), "accepted_reason": .orNull(.text),
    ]

    /// A month of its own, so many months before this one.
    private static func month(_ back: Int) -> String {
        let start = Calendar(identifier: .gregorian).date(byAdding: .month, value: -back, to: .now) ?? .now
        return String(start.formatted(.iso8601).prefix(7))
    }

    /// Records six days of two models, a call for each kind of token, and returns what the ledger has of them.
    private static func record(
        _ team: Team, _ month: String, _ provider: String, _ models: [String]
    ) async throws -> ProviderExport {
        var events: [String] = []
        for (day, model) in (1...6).flatMap({ day in models.map { (day, $0) } }) {
            let usages = [
                ("input", #"{"input_tokens":\#(100_000 * day),"output_tokens":0}"#),
                ("cached", #"{"input_tokens":\#(7_000 * day),"cache_read_tokens":\#(7_000 * day),"output_tokens":0}"#),
                ("output", #"{"input_tokens":0,"output_tokens":\#(3_000 * day)}"#),
            ]
            events += usages.map { part, usage in
                #"{"id":"\#(month)-\#(day)/\#(model)/\#(part)","source":"s","team":"\#(team.name)","model":"\#(model)","provider":"\#(provider)","occurred_at":"\#(month)-0\#(day)T12:00:00Z","usage":\#(usage)}"#
            }
        }
        let answer = try await team.admin.json("POST", "/v1/usage", #"{"events":[\#(events.joined(separator: ","))]}"#)
        try #require(answer["accepted"]?.integer == Int64(events.count), "\(answer.source)")
        let items = try await team.entries().filter { try $0.text("occurred_at").hasPrefix(month) }.map { entry in
            let part = try entry.text("request_id").split(separator: "/").last ?? ""
            return ProviderExport.Item(
                day: String(try entry.text("occurred_at").prefix(10)), model: try entry.text("model"),
                part: try #require(ProviderExport.Part(rawValue: String(part))),
                tokens: Int((entry["input_tokens"]?.integer ?? 0) + (entry["output_tokens"]?.integer ?? 0)),
                cost: try entry.money("cost_usd"))
        }
        return ProviderExport(items: items)
    }

    private static func query(_ form: String, _ provider: String, _ month: String) -> String {
        "/v1/reconciliations?month=\(month)&"
            + (form == "csv" ? "provider=\(provider)&format=csv" : "provider=\(form)")
    }

    @Test("finds a missing day, a wrong cached rate and a key that goes round Purser in each form, and nothing else")
    func planted() async throws {
        let server = try await PurserServer(
            in: ScratchDirectory(), environment: ["PURSER_SHARE": PurserBinary.share])
        let team = try await Team(on: server)
        let finance = try await team.token("finance")
        for (place, (form, provider, models)) in ProviderExport.forms.enumerated() {
            let month = Self.month(place + 1)
            let names = Dictionary(uniqueKeysWithValues: models.map { ($0.ours, $0.theirs) })
            let ledger = try await Self.record(team, month, provider, models.map(\.ours))
            let path = Self.query(form, provider, month)

            let same = try await finance.json("POST", path, ledger.text(form, names: names), status: 201)
            same.expect(Self.fields.merging(["lines": .list]) { $1 })
            for line in try same.list("lines") { line.expect(Self.lineFields) }
            #expect(
                try same.list("lines").map { try $0.text("kind") } == Array(repeating: "matched", count: 12),
                "\(form): \(same.source)")
            #expect(try same.money("difference_usd") == 0 && same["open_lines"]?.integer == 0)

            // Any provider may come as CSV, such as one typed from an invoice.
            if form != "csv", form != "litellm" {
                let ours = Dictionary(uniqueKeysWithValues: models.map { ($0.ours, $0.ours) })
                let plain = try await finance.json(
                    "POST", path + "&format=csv", ledger.text("csv", names: ours), status: 201)
                #expect(try plain.money("difference_usd") == 0 && plain["open_lines"]?.integer == 0, "\(plain.source)")
            }

            var export = ledger
            export.items.removeAll { $0.day == "\(month)-03" }
            for index in export.items.indices
            where export.items[index].model == models[0].ours && export.items[index].part == .cached {
                export.items[index].cost *= 2
            }
            // The plain form tells no keys.
            let shadowed = form == "csv" ? "ministral-8b-2512" : models[1].ours
            export.items.append(
                .init(day: "\(month)-05", model: shadowed, part: .input, tokens: 777, cost: 0.000777, account: "key_9"))
            let found = try await finance.json("POST", path, export.text(form, names: names), status: 201)
            let lines = try found.list("lines").filter { try $0.text("kind") != "matched" }
            let said = Dictionary(grouping: lines) { $0["kind"]?.string ?? "" }.mapValues { lines in
                lines.map { $0["day"]?.string ?? "-" }
            }
            #expect(
                said == [
                    "only_ours": ["\(month)-03", "\(month)-03"],
                    "price": [1, 2, 4, 5, 6].map { "\(month)-0\($0)" }, "only_theirs": ["\(month)-05"],
                ], "\(form): \(lines.map(\.source).joined(separator: "\n"))")
            #expect(
                try found.list("lines").map { try $0.money("difference_usd") }.reduce(0, +)
                    == found.money("difference_usd"))
            let listed = try await finance.json("GET", "/v1/reconciliations?month=\(month)").list("reconciliations")
            #expect(listed.map { $0["id"]?.string } == [found["id"]?.string], "a later file takes the place")
            for one in listed { one.expect(Self.fields) }
            let before = try await finance.json("GET", "/v1/reconciliations/\(same.text("id"))")
            #expect(before["replaced"]?.bool == true)
        }
    }

    @Test("a difference is accepted with a reason, by finance alone, and the command says what is left")
    func accept() async throws {
        let team = try await Team()
        let (finance, own) = (try await team.token("finance"), try await team.token("team"))
        let month = Self.month(12)
        let file =
            "day,model,kind,quantity,amount_usd\n\(month)-01,pixtral-12b,input_tokens,10,1.5\n\(month)-01,,tax,,0.5\n"
        try await own.send("POST", Self.query("csv", "mistral", month), file).expectProblem(403, "forbidden")
        try await own.send("GET", "/v1/reconciliations").expectProblem(403, "forbidden")
        let words = ["reconcile", "csv", "-", "--provider", "mistral", "--month", month]
        let run = try await Command.run(words, as: finance, input: file)
        run.expect(6, output: true, errors: true)
        #expect(run.errors.contains("2 differences left") && run.output.contains("only_theirs"))
        let listed = try await finance.json("GET", "/v1/reconciliations?month=\(month)").list("reconciliations")
        let found = try #require(listed.first { $0["provider"]?.string == "mistral" })
        let id = try found.text("id")
        let path = "/v1/reconciliations/\(id)/lines"
        try await own.send("POST", "\(path)/1/accept", #"{"reason":"r"}"#).expectProblem(403, "forbidden")
        try await finance.send("POST", "\(path)/9/accept", #"{"reason":"r"}"#).expectProblem(404, "not_found")
        try await finance.send("POST", "\(path)/1/accept", "{}").expectProblem(422, "invalid_fields")
        for line in ["1", "1", "2"] {
            try await Command.run(["reconcile", "accept", id, "--line", line, "--reason", "known"], as: finance).expect(
                0)
        }
        let shown = try await Command.run(["reconcile", "show", id, "--output", "json"], as: finance)
        shown.expect(0)
        let lines = try JSONDocument(text: shown.output).root.list("lines")
        for line in lines { line.expect(Self.lineFields) }
        #expect(lines.map { $0["accepted_reason"]?.string } == ["known", "known"])
        try await Command.run(["reconcile", "list", "--month", month], as: finance).expect(0, output: true)
        // What is the same in a later file stays accepted.
        let more = file + "\(month)-02,pixtral-12b,input_tokens,10,1.5\n"
        let again = try await finance.json("POST", Self.query("csv", "mistral", month), more, status: 201)
        #expect(again["open_lines"]?.integer == 1, "\(again.source)")
        #expect(again["id"]?.string != id && again["replaced"]?.bool == false)
    }

    @Test("a provider counts as compared with a month once nothing is left, and what was found cannot be changed")
    func compared() async throws {
        let own = try await OwnDatabase.migrated()
        let server = try await PurserServer(in: ScratchDirectory(), database: own.connection)
        let month = Self.month(2)
        func compared() async throws -> [Substring] {
            try await own.rows("SELECT reconciled_providers('\(month)-01')")
        }
        let path = Self.query("csv", "groq", month)
        let file = "day,model,kind,quantity,amount_usd\n\(month)-01,llama,input_tokens,10,1.5\n"
        let found = try await server.admin.json("POST", path, file, status: 201)
        #expect(try await compared().isEmpty)
        _ = try await server.admin.json(
            "POST", "/v1/reconciliations/\(found.text("id"))/lines/1/accept", #"{"reason":"r"}"#)
        #expect(try await compared() == ["groq"])
        // The ledger must still come to what was compared.
        let team = try await Team(on: server)
        let event =
            #"{"events":[{"id":"late","source":"s","team":"\#(team.name)","provider":"groq","model":"llama-3.1-8b-instant","occurred_at":"\#(month)-03T12:00:00Z","usage":{"input_tokens":1000000,"output_tokens":0}}]}"#
        #expect(try await server.admin.json("POST", "/v1/usage", event)["accepted"]?.integer == 1)
        #expect(try await compared().isEmpty)
        let trial = try await server.admin.json("POST", "/v1/months/\(month)/close", #"{"dry_run":true}"#)
        #expect(
            trial.source.contains("The ledger has changed since the invoice was compared; compare it again: groq."),
            "\(trial.source)")
        _ = try await server.admin.json("POST", path, file.replacing("1.5", with: "1.6"), status: 201)
        #expect(try await compared().isEmpty)
        // A router's log is nobody's invoice.
        _ = try await server.admin.json(
            "POST", Self.query("litellm", "", month), "[{\"spend\":0,\"date\":\"\(month)-01\"}]", status: 201)
        #expect(try await compared().isEmpty)
        for table in ["reconciliation", "reconciliation_line", "reconciliation_acceptance"] {
            await #expect(throws: TestFailure.self) { try await own.execute("DELETE FROM \(table)") }
        }
    }

    @Test("a provider is waived with a reason, and a meter told")
    func waive() async throws {
        let team = try await Team()
        let finance = try await team.token("finance")
        let month = Self.month(13)
        let words = ["reconcile", "waive", "groq", "--month", month, "--reason", "free"]
        try await Command.run(words, as: finance).expect(0, output: false, errors: true)
        let waiver = try #require(try await finance.json("GET", "/v1/months/\(month)/waivers").list("waivers").first)
        waiver.expect(["month": .text, "provider": .text, "waived_at": .time, "waived_by": .text, "reason": .text])
        #expect(try waiver.text("provider") == "groq" && waiver.text("reason") == "free")
        try await finance.send("POST", "/v1/months/\(month)/waivers", "{}").expectProblem(422, "invalid_fields")

        let meter = ["reconcile", "meter", "azure", "M-\(team.name)", "--model", "gpt-5", "--kind", "input_tokens"]
        try await Command.run(meter, as: finance).expect(0, output: false, errors: true)
        let row =
            "Date,MeterId,MeterName,UnitOfMeasure,Quantity,CostInBillingCurrency,ConsumedService\n\(month)-02,m-\(team.name),zz,1M,1,2,Microsoft.CognitiveServices\n"
        let found = try await finance.json("POST", Self.query("azure", "azure", month), row, status: 201)
        #expect(try found.list("lines").map { try $0.text("model") } == ["azure/gpt-5"])
    }

    @Test(
        "refuses what it does not understand",
        arguments: [
            ("", "/provider"), ("provider=openai", "/month"), ("provider=openai&month=2199-01", "/month"),
            ("provider=csv&month=2026-01", "/provider"), ("provider=nobody&month=2026-01&format=csv", "/provider"),
            ("provider=openai&month=2026-01&format=aws", "/format"), ("provider=openai&month=2026-01&days=3", "/days"),
            ("provider=openai&month=2026-01", ""),
        ])
    func refused(query: String, pointer: String) async throws {
        try await PurserServer.shared.admin.send("POST", "/v1/reconciliations?\(query)", "nonsense")
            .expectProblem(422, "invalid_fields", pointer: pointer)
    }
}
