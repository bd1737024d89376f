import Testing

@testable import purser

@Suite struct ReportTableTests {
    private func listing(_ json: String) throws -> Listing {
        try Listing(report: Answer(status: 200, bytes: Array(json.utf8)))
    }

    @Test("a report's table follows its columns and their units")
    func table() throws {
        let json = #"""
            {"report":"monthly","columns":[{"name":"team","title":"Team","unit":null},
              {"name":"calls","title":"Calls","unit":"calls"},{"name":"cost_usd","title":"Cost","unit":"usd"}],
             "rows":[{"team":"search","calls":"12","cost_usd":"1234.5"},{"cost_usd":"0.00001","calls":"3","team":"lab"}],
             "totals":{"calls":"15","cost_usd":"1234.50001"}}
            """#
        #expect(
            try listing(json).table(Display()) == """
                Team    Calls       Cost
                search     12  $1,234.50
                lab         3     <$0.01
                ------  -----  ---------
                Total      15  $1,234.50

                """)
        #expect(
            try listing(json).table(Display(isExact: true)) == """
                Team    Calls          Cost
                search     12  $1,234.50000
                lab         3      $0.00001
                ------  -----  ------------
                Total      15  $1,234.50001

                """)
    }

    @Test("the price of one unit has all its places, and amounts in another currency no dollar sign")
    func prices() throws {
        let json = #"""
            {"currency":{"code":"EUR","per_usd":"0.92","date":"2026-10-30"},
             "columns":[{"name":"cost_eur","title":"Cost","unit":"eur"},{"name":"token_eur","title":"1,000 tokens","unit":"price"}],
             "rows":[{"cost_eur":"1234.5678","token_eur":"0.007352941"},{"cost_eur":"-0.001","token_eur":"1.5"}],"totals":null}
            """#
        #expect(
            try listing(json).table(Display()) == """
                    Cost  1,000 tokens
                1,234.57   0.007352941
                  >-0.01   1.500000000

                """)
    }

    @Test("a report without totals has no rule")
    func withoutTotals() throws {
        let json = #"{"columns":[{"name":"a","title":"A"}],"rows":[{"a":"x"}],"totals":null}"#
        #expect(try listing(json).table(Display()) == "A\nx\n")
    }

    @Test("a report's table is headed by its title, its month with the zone, whose it is, and when it was read")
    func heading() throws {
        let json = #"""
            {"title":"What each team spent","month":"2026-10","from":"2026-10-01","to":"2026-11-01","time_zone":"Europe/Berlin","state":"closed",
             "as_of":"2026-11-28T09:23:19.248359Z"}
            """#
        let heading = try Answer(status: 200, bytes: Array(json.utf8)).reportHeading(ofTeam: "search")
        #expect(
            heading == """
                What each team spent
                2026-10 in Europe/Berlin, team search, closed, as of 2026-11-28 09:23:19 UTC


                """)
        let days = json.replacing(#""2026-10","from""#, with: #"null,"from""#).replacing(
            "2026-11-01", with: "2026-10-15")
        #expect(
            try Answer(status: 200, bytes: Array(days.utf8)).reportHeading().split(separator: "\n")[1]
                == "from 2026-10-01 to before 2026-10-15 in Europe/Berlin, all teams you may read, closed, as of 2026-11-28 09:23:19 UTC"
        )
        #expect(try Answer(status: 200, bytes: Array("{}".utf8)).reportHeading().isEmpty)
    }

    @Test("an answer that is no report is told, not shown as an empty one", arguments: ["{}", "[]", "no", ""])
    func noReport(json: String) {
        #expect(throws: CommandFailure.self) { try listing(json) }
    }
}
