import Accounting
import JSON
import Testing

@testable import purser

@Suite struct StatusScreenTests {
    private static let now = Timestamp(rfc3339: "2026-11-16T00:00:00Z")!

    private static func budget(_ id: String, _ unit: String, _ limit: String, _ spent: String, _ forecast: String)
        -> String
    {
        """
        {"id":"\(id)","scope":{},"limit_\(unit)":\(limit),"spent_\(unit)":\(spent),"window_start":"2026-11-01T00:00:00Z",\
        "resets_at":"2026-12-01T00:00:00Z","forecast":\(forecast)}
        """
    }

    private static func screen(_ budgets: [String], users: String = "null", requests: String = "[]") throws -> String {
        let status = try JSONDocument(
            text: """
                {"team":"search","time_zone":"UTC","month":"2026-11","budgets":[\(budgets.joined(separator: ","))],\
                "calls":1204,"cost_usd":"1234.567","users":\(users),"models":[],\
                "features":[{"feature":"chat","calls":1200,"cost_usd":"1234.56","share":0.99999},\
                {"feature":null,"calls":4,"cost_usd":"0.007","share":0.000005}],\
                "verdicts":{"admitted":1200,"downgraded":1,"denied":3,"reasons":[\
                {"verdict":"deny","code":"budget_exhausted","message":"a budget had too little left","calls":3},\
                {"verdict":"downgrade","code":"new_code","message":null,"calls":1}]}}
                """
        ).root
        let requests = Array(try JSONDocument(text: requests).root.elements)
        return StatusScreen(status: status, requests: requests, display: Display(now: now)).text
    }

    @Test("it tells each budget in its own unit and how its window ends, then the month and today")
    func whole() throws {
        let budgets = [
            Self.budget(
                "a", "tokens", "1000000", "600000",
                #"{"spent_tokens":1200000,"course":"runs_dry","runs_dry_on":"2026-11-26"}"#),
            Self.budget(
                "b", "usd", #""1500""#, #""500.5""#, #"{"spent_usd":"1001","course":"lasts","runs_dry_on":null}"#),
            Self.budget("c", "calls", "3", "3", #"{"spent_calls":6,"course":"dry","runs_dry_on":null}"#),
            Self.budget("d", "usd", #""5""#, #""0""#, "null"),
        ]
        #expect(
            try Self.screen(budgets) == """
                Status of team search in UTC, as of 2026-11-16 00:00 UTC

                ID              USED  ELAPSED             LIMIT    SPENT     AT END  OUTLOOK
                c   ##########  100%      50%           3 calls        3          6  used up
                a   ######....   60%      50%  1,000,000 tokens  600,000  1,200,000  runs dry on Thu 26 Nov
                b   ###.......   33%      50%         $1,500.00  $500.50  $1,001.00  lasts
                d   ..........    0%      50%             $5.00    $0.00          -  too early to say

                2026-11: $1,234.57 for 1,204 calls

                TOP FEATURES       COST  SHARE  CALLS
                chat          $1,234.56    99%  1,200
                (none)           <$0.01    <1%      4

                Users are too many to be told here.

                Today: 1,200 admitted, 1 downgraded and 3 denied
                  3 denied: a budget had too little left
                  1 downgraded: new code

                """)
    }

    @Test("of many budgets those used most are shown, and how many there are beside them")
    func many() throws {
        let budgets = (1...12).map { Self.budget("b\($0)", "usd", #""100""#, #""\#($0)""#, "null") }
        let lines = try Self.screen(budgets, users: "[]").split(separator: "\n")
        #expect(lines[2].hasPrefix("b12 ") && lines[11].hasPrefix("b3 "))
        #expect(lines[12] == "and 2 budgets used less: purser budget list")
    }

    @Test("open requests for more budget are told with what they ask for")
    func requests() throws {
        let text = try Self.screen(
            [],
            requests: """
                [{"number":7,"budget":"team/search","amount_usd":"200","reason":"launch"},\
                {"number":6,"budget":"team/search","amount_usd":"5","state":"denied"}]
                """)
        #expect(text.hasSuffix("\nOpen: 1 request for more budget\n  7 team/search +$200: launch\n"))
        #expect(text.contains("No budget. purser budget set makes one.\n"))
    }
}
