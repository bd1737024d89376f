import Accounting
import ArgumentParser
import JSON
import Testing

@testable import purser

@Suite struct FieldNamesTests {
    private static let request = "budget set b --team t --feature f --user u --run r --model m --provider p --tag a=b"

    /// A line of each command that sends fields, with all of its options, and what it then sends.
    private static let requests: [(line: String, body: @Sendable (any ParsableCommand) -> RequestBody?)] = [
        (
            request
                + " --limit 5 --time-zone UTC --soft --unpriced admit --downgrade-at 80% --alert-at 50%,80%",
            { ($0 as? BudgetSet)?.body }
        ),
        (
            request + " --limit 5 --company-owned --starts-on 1 --period year --carry-over 5 --plan 2026-12=7 --pacing"
                + " --unsettled input --reason r", { ($0 as? BudgetSet)?.body }
        ),
        (
            "budget change b --limit 5 --unpriced deny --carry-over all --plan 2026-12=7 --allowance 5 --reason r",
            { ($0 as? BudgetAlter)?.body(for: nil) }
        ),
        (
            "budget raise b +5 --until 3d --reason r",
            { line in (line as? BudgetRaise).flatMap { try? $0.boost.body(for: Self.budget) } }
        ),
        (
            "budget request b 5 --until friday --reason r",
            { line in (line as? BudgetAsk).flatMap { try? $0.boost.body(for: Self.budget) } }
        ),
        ("budget approve 7 --reason r", { ($0 as? BudgetApprove)?.decision.body }),
        (request + " --limit-tokens 5", { ($0 as? BudgetSet)?.body }),
        (request + " --limit-calls 5", { ($0 as? BudgetSet)?.body }),
        ("ladder set t a b --floor b", { ($0 as? LadderSet)?.body }),
        ("token create --role team --team t --name n", { ($0 as? TokenCreate)?.body }),
        ("alert add a --team t --webhook https://x", { ($0 as? AlertAdd)?.body }),
        (
            "credit add c --provider p --model m --team t --amount 5 --from 2026-11-01 --until 2026-12-01 --note n",
            { ($0 as? CreditAdd)?.body }
        ),
        (
            "agreement add a --team t --provider p --discount 5% --from 2026-11-01 --until 2026-12-01 --note n",
            { ($0 as? AgreementAdd)?.body }
        ),
        ("agreement add a --markup 5% --from 2026-11-01", { ($0 as? AgreementAdd)?.body }),
        (
            "agreement add a --model m --rate batch/input_tokens>5=4 --from 2026-11-01",
            { ($0 as? AgreementAdd)?.body }
        ),
        (
            "price rerate --from 2026-11-01 --to 2026-11-02 --model m --provider p --dry-run",
            { ($0 as? PriceRerate)?.body(isDryRun: true) }
        ),
        (
            """
            quote m --input 1 --output 1 --meter web_searches=1 --provider p --team t --service-tier batch --region eu \
            --at 2026-11-01
            """,
            { ($0 as? QuoteCommand)?.body }
        ),
        (
            """
            explain --team t --feature f --user u --run r --tag a=b --model m --provider p --service-tier batch \
            --region eu --input 1 --cached-input 1 --max-output 1 --bound web_searches=1 --servable m
            """,
            { ($0 as? ExplainCommand)?.body(requestID: "r") }
        ),
    ]

    private static let budget = try! JSONDocument(text: #"{"limit_usd":"5","time_zone":"UTC"}"#).root

    /// Fields that nobody fills with an option.
    private static let own: Set<String> = ["/request_id", "/dry_run"]

    @Test("every field of every command is known by the option that fills it", arguments: requests.indices)
    func everyField(index: Int) async throws {
        let (line, body) = Self.requests[index]
        let words = line.split(separator: " ").map(String.init)
        let command = try await Purser.parsed(words)
        let options = try #require(CommandOptions(of: words))
        let names = FieldNames(of: type(of: command), options)
        let json = try JSONDocument(text: #require(body(command)).text).root
        var found: Set<String> = []
        for pointer in Self.pointers(json) where !Self.own.contains(pointer) {
            let name = try #require(names.name(of: pointer), "\(pointer)")
            found.insert(name)
        }
        let given = Set(words.filter { $0.hasPrefix("--") })
        let told = Set(found.flatMap { $0.split(separator: " ").map { String($0) } })
        #expect(given.isSubset(of: told.union(["--dry-run"])), "\(given.subtracting(told)) fill no field")
    }

    /// Of all values, and of the objects and lists that hold them.
    private static func pointers(_ value: JSONValue, at place: String = "") -> [String] {
        switch value.kind {
        case .object: value.fields.flatMap { pointers($0.value, at: "\(place)/\($0.name)") }
        case .array: value.elements.enumerated().flatMap { pointers($1, at: "\(place)/\($0)") }
        default: [place]
        }
    }

    @Test(
        "a name follows from the field",
        arguments: [
            ("/limit_usd", "--limit"), ("/limit_tokens", "--limit-tokens"), ("/scope/team", "--team"),
            ("/time_zone", "--time-zone"), ("/alert_at/0", "--alert-at"), ("/scope/tags/env", "--tag"),
            ("/enforcement", "--hard, --soft or --shadow"), ("/no_such_field", nil), ("", nil),
        ] as [(String, String?)])
    func name(pointer: String, name: String?) throws {
        let options = try #require(CommandOptions(of: ["budget", "set", "x"]))
        #expect(FieldNames(of: BudgetSet.self, options).name(of: pointer) == name)
    }
}
