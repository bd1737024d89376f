import Accounting
import JSON
import Testing

@testable import purser

@Suite struct OutputTests {
    private func objects(_ json: String) throws -> [JSONValue] { Array(try JSONDocument(text: json).root.elements) }

    @Test("a table's columns are as wide as they are shown, amounts stand under each other")
    func table() throws {
        let rows = try objects(
            #"""
            [{"team":"日本","calls":5,"cost_usd":"1234.500000000"},{"team":"é","calls":12,"cost_usd":"-0.000012"},
             {"team":null,"calls":null,"cost_usd":null}]
            """#)
        let listing = Listing(rows, columns: [.text("team"), .count("calls"), .price("cost_usd", title: "USD")])
        #expect(
            listing.table(Display(width: 10)) == """
                TEAM  CALLS          USD
                日本      5  1234.500000
                é        12    -0.000012
                -         -            -

                """)
    }

    @Test("totals stand under a rule, headings are bold only where style is wanted")
    func totals() throws {
        var listing = Listing(try objects(#"[{"a":"x","b":1}]"#), columns: [.text("a"), .text("b")])
        listing.totals = [.text("total"), .number("1")]
        #expect(listing.table(Display()) == "A      B\nx      1\n-----  -\ntotal  1\n")
        #expect(listing.table(Display(takesColour: true)).hasPrefix("\u{1B}[1mA      B\u{1B}[0m\n"))
    }

    @Test("people see amounts to the cent, counts in groups and ends from now; with --exact nothing is rounded")
    func exactness() throws {
        let json = #"""
            [{"id":1234,"calls":12345,"cost_usd":"1234.567","ends_at":"2026-12-01T00:00:00Z"},
             {"id":2,"calls":0,"cost_usd":"0.001","ends_at":"2026-11-27T23:00:01.5Z"}]
            """#
        let columns: [Column] = [.text("id"), .count("calls"), .amount("cost_usd", title: "COST"), .end("ends_at")]
        let listing = Listing(try objects(json), columns: columns)
        let now = try #require(Timestamp(rfc3339: "2026-11-28T00:00:00Z"))
        #expect(
            listing.table(Display(now: now)) == """
                  ID   CALLS       COST  ENDS AT
                1234  12,345  $1,234.57  in 3 days
                   2       0     <$0.01  59 minutes ago

                """)
        #expect(
            listing.table(Display(isExact: true, now: now)) == """
                  ID   CALLS        COST  ENDS AT
                1234  12,345  $1,234.567  2026-12-01T00:00:00Z
                   2       0      $0.001  2026-11-27T23:00:01Z

                """)
        #expect(
            listing.csv == """
                id,calls,cost_usd,ends_at\r
                1234,12345,1234.567,2026-12-01T00:00:00Z\r
                2,0,0.001,2026-11-27T23:00:01.5Z\r

                """)
    }

    @Test("a title says what the table shows, of whom and as of when", arguments: [nil, "search"])
    func title(team: String?) throws {
        let line = TableTitle("Budgets", ofTeam: team).line(
            asOf: try #require(Timestamp(rfc3339: "2026-11-28T09:23:19.25Z")), in: "Europe/Berlin")
        let scope = team == nil ? "all teams you may read" : "team search"
        #expect(line == "Budgets of \(scope) in Europe/Berlin, as of 2026-11-28 09:23:19 UTC\n\n")
    }

    @Test("on a narrow terminal prose is wrapped, nothing else, and nothing of it is lost")
    func narrow() throws {
        let json =
            #"[{"id":"a-rather-long-identifier","n":"12345678901234567890.123456789","why":"because of a reason that goes on"}]"#
        let columns: [Column] = [.text("id"), .price("n"), .prose("why")]
        let lines = Listing(try objects(json), columns: columns).table(Display(width: 40)).split(separator: "\n")
        #expect(lines[1] == "a-rather-long-identifier  12345678901234567890.123456789  because of a")
        let margin = String(repeating: " ", count: 58)
        #expect(lines.dropFirst(2) == ["\(margin)reason that goes", "\(margin)on"])
    }

    @Test("on a narrow terminal headings are wrapped; what is still too wide is shown as records, with the totals")
    func wrapped() throws {
        var listing = Listing(
            try objects(#"[{"calls":1,"difference":2,"model":"opus"}]"#),
            columns: [.text("calls", title: "CALLS WITH A FIGURE"), .text("difference"), .text("model")])
        listing.totals = [.number("1"), .number("2"), .text("")]
        #expect(
            listing.fitting(Display(width: 25)) == """
                 CALLS
                WITH A
                FIGURE  DIFFERENCE  MODEL
                     1           2  opus
                ------  ----------  -----
                     1           2

                """)
        #expect(
            listing.fitting(Display(width: 24)) == """
                calls with a figure  1
                difference           2
                model                opus

                calls with a figure  1
                difference           2

                """)
        listing.rows.append([.number("1"), .number("0"), .text("opus")])
        #expect(listing.fitting(Display(width: 24)).hasPrefix("calls with a figure  1\n"))
        listing.rows = [[.number("1"), .number("0"), .text("opus")]]
        listing.totals = nil
        #expect(
            listing.fitting(Display(width: 24)) == """
                     CALLS WITH A
                           FIGURE  MODEL
                                1  opus
                Left out, because
                nothing is in them:
                DIFFERENCE.

                """)
        // Where there is no terminal, nothing is wrapped.
        #expect(listing.fitting(Display()).hasPrefix("CALLS WITH A FIGURE  DIFFERENCE  MODEL\n"))
    }

    @Test("prices of tokens are shown by the million, those of anything else by one; programs get them by the unit")
    func prices() throws {
        let json = #"""
            {"prices":[{"id":1,"provider":"anthropic","model":"claude-haiku-4-5-20251001","meter":"cache_write_1h_tokens",
              "service_tier":"standard","above_context_tokens":0,"region":null,"hours":null,"unit_price_usd":"0.000002",
              "least_quantity":null,"valid_from":"2020-01-01T00:00:00Z","valid_until":null,"source":"s","superseded_by":null},
             {"id":2,"provider":"anthropic","model":"m","meter":"web_searches","service_tier":"standard",
              "above_context_tokens":0,"region":null,"hours":null,"unit_price_usd":"0.010000000000001",
              "least_quantity":null,"valid_from":"2026-11-01T12:00:00Z","valid_until":null,"source":"s","superseded_by":null}]}
            """#
        let prices = Array(try #require(try JSONDocument(text: json).root["prices"]).elements)
        let table = Listing(prices, columns: Column.pricedModel + Column.shownPrice).withoutEmptyColumns
            .table(Display())
        #expect(
            table == """
                PROVIDER   MODEL                      METER                  TIER                    USD  PER  FROM
                anthropic  claude-haiku-4-5-20251001  cache_write_1h_tokens  standard  2.000000000000000  1M   2020-01-01
                anthropic  m                          web_searches           standard  0.010000000000001  1    2026-11-01T12:00:00Z

                """)
        #expect(Listing(prices, columns: Column.price).csv.contains(",0.000002,") == true)
    }

    @Test("terminal control characters of the server become visible")
    func controlCharacters() throws {
        let listing = Listing(try objects(#"[{"a":"x\u001b[2J\r\n\u009b\u202ey"}]"#), columns: [.text("a")])
        let expected = #"x\u{1b}[2J\u{d}\u{a}\u{9b}\u{202e}y"#
        #expect(listing.table(Display()) == "A\n\(expected)\n")
        #expect(listing.records(Display()) == "a  \(expected)\n")
    }

    @Test("what is meant for programs is read by a person on a terminal, line by line")
    func lines() {
        #expect(PrintableText.lines(of: "a,b\r\n\u{9B}31m,\u{202E}x\r\n") == "a,b\n\\u{9b}31m,\\u{202e}x\n")
        #expect(PrintableText.lines(of: "a\rb\n\nc") == "a\\u{d}b\n\nc")
        #expect(PrintableText.lines(of: "") == "")
    }

    @Test("one object alone is shown with all its fields, a listing without the wide ones")
    func wideColumns() throws {
        let listing = Listing(try objects(#"[{"a":"x","b":"y"}]"#), columns: [.text("a"), .text("b", isWide: true)])
        #expect(listing.table(Display()) == "A\nx\n")
        #expect(listing.records(Display()) == "a  x\nb  y\n")
        #expect(listing.csv == "a,b\r\nx,y\r\n")
    }

    @Test("CSV has amounts as the server sent them, and nothing where there is nothing")
    func csvAmounts() throws {
        let json = #"[{"cost_usd":"0.012300000","ok":true,"none":null,"list":["a","b"]}]"#
        let columns: [Column] = [.amount("cost_usd"), .text("ok"), .text("none"), .text("list"), .text("absent")]
        let csv = Listing(try objects(json), columns: columns).csv
        #expect(csv == "cost_usd,ok,none,list,absent\r\n0.012300000,true,,\"a, b\",\r\n")
    }

    @Test("width counts columns of a terminal", arguments: [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("👩‍💻", 2), ("", 0)])
    func width(text: String, columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }

    @Test("text is broken between characters, wide ones included")
    func broken() {
        #expect(DisplayWidth.pieces("日本語", width: 6) == ["日本語"])
        #expect(DisplayWidth.pieces("日本語", width: 5) == ["日本", "語"])
        #expect(DisplayWidth.pieces("日本語", width: 1) == ["日", "本", "語"])
        #expect(Wrapping.lines("a https://example.com/x b", width: 10) == ["a", "https://ex", "ample.com/", "x b"])
    }

    @Test("a budget is shown in the unit of its limit, shares as percent")
    func budget() throws {
        let json = #"""
            [{"id":"t","scope":{"team":"a","feature":null,"tags":{"env":"prod"}},"period":"day","enforcement":"hard",
              "limit_tokens":1000,"spent_tokens":5,"held_tokens":0,"remaining_tokens":995,"spent_usd":"1",
              "downgrade_at":0.8,"alert_at":[0.5,1.0],"resets_at":"2026-12-01T00:00:00.123Z"}]
            """#
        let listing = Listing(try objects(json), columns: Column.budget)
        let now = try #require(Timestamp(rfc3339: "2026-11-30T00:00:00Z"))
        #expect(
            listing.table(Display(now: now)) == """
                ID  SCOPE                 PERIOD  MODE         LIMIT  SPENT  HELD  REMAINING  RESETS
                t   team=a tags.env=prod  day     hard  1,000 tokens      5     0        995  in 25 hours

                """)
        #expect(listing.records(Display()).contains("downgrade at  80%\nalert at      50% 100%\n"))
    }
}
