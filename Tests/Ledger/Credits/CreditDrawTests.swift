import Accounting
import Postgres
import Testing

@testable import Ledger

/// Costs and credits are in nanodollars.
@Suite("Prepaid credits") struct CreditDrawTests {
    @Test("pay from their first day on, and no longer on the day they end") func days() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 1_000, from: "2026-01-10", until: "2026-01-20")
            for day in ["09", "10", "19", "20"] { try connection.book(5, on: "2026-01-\(day)") }
            #expect(try connection.drawn(in: "2026-01") == ["c 2026-01-10 t opus 5", "c 2026-01-19 t opus 5"])
        }
    }

    @Test("pay the calls of their provider, model and team alone") func scope() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.create("u", connection)
            try connection.addCredit("wide", 1_000, from: "2026-01-01")
            try connection.addCredit("model", 1_000, from: "2026-02-01", provider: "other", model: "haiku")
            try connection.addCredit("team", 1_000, from: "2026-02-01", team: "u", provider: "third")
            try connection.addCredit("both", 1_000, from: "2026-02-01", team: "u", provider: "fourth", model: "haiku")
            for provider in ["maker", "other", "third", "fourth", "fifth"] {
                for team in ["t", "u"] {
                    for model in ["haiku", "opus"] {
                        try connection.book(5, on: "2026-02-03", team: team, provider: provider, model: model)
                    }
                }
            }
            #expect(
                try connection.drawn(in: "2026-02").sorted() == [
                    "both 2026-02-03 u haiku 5", "model 2026-02-03 t haiku 5", "model 2026-02-03 u haiku 5",
                    "team 2026-02-03 u haiku 5", "team 2026-02-03 u opus 5", "wide 2026-02-03 t haiku 5",
                    "wide 2026-02-03 t opus 5", "wide 2026-02-03 u haiku 5", "wide 2026-02-03 u opus 5",
                ])
        }
    }

    /// The terms of two credits of 3 each. For a cost of 5, `first` pays first.
    struct Order: Sendable {
        typealias Terms = (from: String, until: String?, model: String?, team: String?)
        let first: Terms
        let second: Terms

        static let all: [Order] = [
            // The credit that ends first pays first, even where the other is narrower. A credit without an end pays
            // last.
            Order(first: ("2026-01-02", "2026-02-01", nil, nil), second: ("2026-01-01", "2026-02-02", "opus", "t")),
            Order(first: ("2026-01-02", "2026-12-01", nil, nil), second: ("2026-01-01", nil, "opus", "t")),
            // Next, the narrower credit pays first: model and team, then model, then team, then provider alone.
            Order(first: ("2026-01-02", nil, "opus", "t"), second: ("2026-01-01", nil, "opus", nil)),
            Order(first: ("2026-01-02", nil, "opus", nil), second: ("2026-01-01", nil, nil, "t")),
            Order(first: ("2026-01-02", nil, nil, "t"), second: ("2026-01-01", nil, nil, nil)),
            // Next, the older credit pays first.
            Order(first: ("2026-01-01", nil, nil, nil), second: ("2026-01-02", nil, nil, nil)),
        ]
    }

    @Test("pay in one order: what ends first, then the narrower, then the older", arguments: Order.all, [false, true])
    func order(_ order: Order, isSecondAddedFirst: Bool) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let credits = [("first", order.first), ("second", order.second)]
            for (name, terms) in isSecondAddedFirst ? credits.reversed() : credits {
                try connection.addCredit(
                    name, 3, from: terms.from, until: terms.until, team: terms.team, model: terms.model)
            }
            try connection.book(5, on: "2026-01-15")
            #expect(
                try connection.drawn(in: "2026-01") == ["first 2026-01-15 t opus 3", "second 2026-01-15 t opus 2"])
        }
    }

    @Test("of the same terms pay in the order they were added") func added() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for name in ["z", "a"] { try connection.addCredit(name, 3) }
            try connection.book(4, on: "2026-01-15")
            #expect(try connection.drawn(in: "2026-01") == ["a 2026-01-15 t opus 1", "z 2026-01-15 t opus 3"])
        }
    }

    @Test("are drawn down day by day and month by month, to nothing and not below") func exhaustion() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 10)
            // The order of booking does not matter. Credits are drawn by day, then by the names of team and model.
            try connection.book(3, on: "2026-02-02", team: "u", model: "haiku")
            try connection.book(4, on: "2026-02-02", model: "opus")
            try connection.book(4, on: "2026-02-01", model: "sonnet")
            try connection.book(4, on: "2026-01-05")
            #expect(try connection.drawn(in: "2026-01") == ["c 2026-01-05 t opus 4"])
            #expect(
                try connection.drawn(in: "2026-02") == ["c 2026-02-01 t sonnet 4", "c 2026-02-02 t opus 2"])
            #expect(try CreditStore.find("c", connection).remaining == .zero)
        }
    }

    @Test("pay less where a correction of the day lowers its cost in the same month") func correction() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 10)
            try connection.book(8, on: "2026-01-02")
            try connection.book(4, on: "2026-01-03")
            try connection.book(-5, on: "2026-01-02")
            #expect(try connection.drawn(in: "2026-01") == ["c 2026-01-02 t opus 3", "c 2026-01-03 t opus 4"])
            try connection.book(-9, on: "2026-01-02")
            #expect(try connection.drawn(in: "2026-01") == ["c 2026-01-03 t opus 4"])
        }
    }
}
