import Accounting
import JSON
import Testing

@testable import purser

@Suite struct BudgetStandingTests {
    private static let now = Timestamp(rfc3339: "2026-11-16T00:00:00Z")!

    /// A budget of November.
    private static func budget(
        _ unit: String = "usd", limit: String, spent: String, more: String = #""resets_at":"2026-12-01T00:00:00Z""#
    ) throws -> JSONValue {
        try JSONDocument(
            text: """
                {"id":"team/search","scope":{"team":"search"},"period":"month","enforcement":"hard",\
                "limit_\(unit)":\(limit),"spent_\(unit)":\(spent),"held_\(unit)":0,"remaining_\(unit)":0,\
                "window_start":"2026-11-01T00:00:00Z",\(more)}
                """
        ).root
    }

    @Test(
        "what is used is a share of the limit in the budget's own unit, and full from the limit on",
        arguments: [
            ("usd", #""500""#, #""0""#, 0, .fine), ("usd", #""500""#, #""399.99""#, 799_980, .fine),
            ("usd", #""500""#, #""400""#, 800_000, .near), ("usd", #""500""#, #""499.999999999""#, 999_999, .near),
            ("usd", #""500""#, #""500""#, 1_000_000, .full), ("usd", #""500""#, #""750""#, 1_500_000, .full),
            ("tokens", "1000", "5", 5_000, .fine), ("calls", "3", "2", 666_666, .fine), ("calls", "0", "0", nil, .full),
        ] as [(String, String, String, Int64?, Level)])
    func used(unit: String, limit: String, spent: String, used: Int64?, level: Level) throws {
        let standing = try #require(
            BudgetStanding(try Self.budget(unit, limit: limit, spent: spent), at: Self.now))
        #expect(standing.used?.millionths == used && standing.level == level)
    }

    @Test("a budget is nearly full from the share on at which it downgrades")
    func downgrade() throws {
        let more = #""resets_at":null,"downgrade_at":0.5"#
        let budget = try Self.budget(limit: #""10""#, spent: #""5""#, more: more)
        let standing = try #require(BudgetStanding(budget, at: Self.now))
        #expect(standing.level == .near && standing.elapsed == nil)
    }

    @Test(
        "what has elapsed is a share of the window, and never more than all of it",
        arguments: [
            ("2026-11-16T00:00:00Z", 500_000), ("2026-11-01T00:00:00Z", 0), ("2026-10-31T00:00:00Z", 0),
            ("2026-11-01T00:43:12Z", 1_000), ("2026-12-02T00:00:00Z", 1_000_000),
        ])
    func elapsed(now: String, elapsed: Int64) throws {
        let budget = try Self.budget(limit: #""1""#, spent: #""0""#)
        #expect(BudgetStanding(budget, at: try #require(Timestamp(rfc3339: now)))?.elapsed?.millionths == elapsed)
    }

    @Test(
        "what is spent and held beyond the plan of a paced budget is told on its row and on the status screen",
        arguments: [
            ("usd", #""312""#, #""plan_usd":"300","#, 12_000_000_000, "ahead of plan by $12.00"),
            ("tokens", "5", #""plan_tokens":4,"#, 1, "ahead of plan by 1 token"),
            ("usd", #""300""#, #""plan_usd":"300","#, nil, "too early to say"),
            ("usd", #""312""#, "", nil, "too early to say"),
            ("usd", #""500""#, #""plan_usd":"300","#, 200_000_000_000, "used up"),
        ] as [(String, String, String, Int64?, String)])
    func aheadOfPlan(unit: String, spent: String, plan: String, ahead: Int64?, outlook: String) throws {
        let budget = try Self.budget(
            unit, limit: unit == "usd" ? #""500""# : "500", spent: spent,
            more: plan + #""resets_at":"2026-12-01T00:00:00Z""#)
        #expect(BudgetStanding(budget, at: Self.now)?.aheadOfPlan == ahead)
        #expect(Column.outlook(of: budget, at: Self.now) == outlook)
        #expect(Column.budgets([budget], at: Self.now).contains { $0.name == "ahead_of_plan" } == (ahead != nil))
    }

    @Test(
        "what has no limit has no standing",
        arguments: [#"{"id":"b"}"#, #"{"limit_usd":"5"}"#, #"{"limit_usd":5,"spent_usd":"1"}"#])
    func none(json: String) throws {
        #expect(BudgetStanding(try JSONDocument(text: json).root, at: Self.now) == nil)
    }

    @Test(
        "a bar shows a little as something, and only the whole as full",
        arguments: [
            (0, ".........."), (1, "#........."), (199_999, "#........."), (200_000, "##........"),
            (999_999, "#########."), (1_000_000, "##########"), (9_999_999, "##########"),
        ])
    func bar(share: Int64, drawn: String) {
        let share = Fraction(millionths: share)
        #expect(Bar.drawn(share, hasSigns: false) == drawn)
        #expect(Bar.drawn(share, hasSigns: true) == drawn.replacing("#", with: "█").replacing(".", with: "░"))
    }

    @Test("a list fits 80 columns and says what it leaves out; a wider one has it")
    func fitting() throws {
        let budgets = [
            try Self.budget(limit: #""1500""#, spent: #""1234.5""#),
            try Self.budget("tokens", limit: "1000000", spent: "1000000"),
        ]
        let listing = Listing(budgets, columns: Column.budgets(budgets, at: Self.now))
        #expect(
            listing.fitting(Display(width: 80, takesSigns: true, now: Self.now)) == """
                ID                      LIMIT      SPENT  RESETS        USED  ELAPSED
                team/search         $1,500.00  $1,234.50  in 15 days   ▲ 82%      50%
                team/search  1,000,000 tokens  1,000,000  in 15 days  ✗ 100%      50%
                Left out, because nothing is in them: HELD, REMAINING.
                Left out, because the terminal is too narrow: SCOPE, PERIOD, MODE.

                """)
        #expect(!listing.fitting(Display(width: 200, now: Self.now)).contains("Left out"))
        #expect(listing.csv.hasPrefix("id,version,scope,"))
        #expect(listing.csv.contains(",used_percent,elapsed_percent\r\n") && listing.csv.contains(",82.3,50\r\n"))
    }

    @Test("whose budgets they are is told where the answer says so")
    func owner() throws {
        let budgets = [try Self.budget(limit: #""1""#, spent: #""0""#, more: #""owner":"company""#)]
        let table = Listing(budgets, columns: Column.budgets(budgets, at: Self.now)).table(Display())
        #expect(table.contains("OWNER") && table.contains("company"))
    }
}
