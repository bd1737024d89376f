import SeededRandom
import Testing

@testable import Accounting

/// A place as `team/feature`.
private func place(_ text: String) -> FeaturePlace {
    let parts = text.split(separator: "/").map(String.init)
    return FeaturePlace(team: parts[0], feature: parts[1])
}

/// Moves as `a/f > b/f`, one a second from second 1 on.
private func moves(_ texts: [String]) -> FeatureMoves {
    FeatureMoves(
        texts.enumerated().map { index, text in
            let ends = text.split(separator: " ")
            return FeatureMove(
                from: place(String(ends[0])), to: place(String(ends[2])),
                movedAt: Timestamp(seconds: Int64(index + 1)))
        })
}

@Suite("A call that names a place") struct FeatureMovesTests {
    private static let chain = ["a/f > b/f", "b/f > c/g"]
    private static let back = ["a/f > b/f", "b/f > a/f"]
    private static let around = ["a/f > b/f", "b/f > c/f", "c/f > a/f"]

    @Test(
        "counts where its feature is now, or was when it was made",
        arguments: [
            ([], "a/f", nil, "a/f"), (["a/f > b/f"], "a/f", nil, "b/f"), (["a/f > b/f"], "b/f", nil, "b/f"),
            (["a/f > b/f"], "a/g", nil, "a/g"), (chain, "a/f", nil, "c/g"), (chain, "b/f", nil, "c/g"),
            (chain, "a/f", 0, "a/f"), (chain, "a/f", 1, "b/f"), (chain, "a/f", 2, "c/g"), (chain, "b/f", 1, "b/f"),
            (back, "a/f", nil, "a/f"), (back, "b/f", nil, "a/f"), (back, "a/f", 1, "b/f"), (back, "a/f", 2, "a/f"),
            (around, "a/f", nil, "a/f"), (around, "b/f", nil, "a/f"), (around, "c/f", nil, "a/f"),
            (back + ["a/f > c/f"], "a/f", nil, "c/f"), (back + ["a/f > c/f"], "b/f", nil, "c/f"),
            (["a/f > b/f", "c/g > b/f"], "c/g", nil, "b/f"),
        ] as [([String], String, Int64?, String)])
    func counted(made: [String], named: String, seconds: Int64?, at expected: String) {
        let who = Attribution(team: place(named).team, feature: place(named).feature, run: "r")
        let counted = moves(made).counted(who, at: seconds.map { Timestamp(seconds: $0) })
        let (now, expected) = (counted ?? who, place(expected))
        #expect(now.team == expected.team && now.feature == expected.feature && now.run == "r")
        #expect((counted == nil) == (expected == place(named)))
        #expect(now.callersTeam == place(named).team && now.callersFeature == place(named).feature)
    }

    @Test("is of a whole team where it names no feature, and then stays")
    func noFeature() {
        #expect(moves(Self.chain).counted(Attribution(team: "a")) == nil)
    }

    @Test("has the former places of a feature, whatever way it came")
    func former() {
        #expect(moves(Self.chain).formerPlaces(of: place("c/g")).map(\.description) == ["a/f", "b/f"])
        #expect(moves(Self.around).formerPlaces(of: place("a/f")).map(\.description) == ["b/f", "c/f"])
        #expect(moves(Self.chain).formerPlaces(of: place("b/f")).isEmpty)
    }

    @Test("counts at the same place when it is looked up twice, and never in a ring", arguments: seeds)
    func twice(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let places = ["a", "b", "c"].flatMap { team in ["f", "g"].map { "\(team)/\($0)" } }
        var made: [String] = []
        for _ in 0..<40 {
            let (from, to) = (random.pick(places), random.pick(places))
            let table = moves(made)
            // What a move may be: of a feature that is there, to a place that no other has left.
            guard from != to, table.destination(of: place(from)) == nil,
                [nil, place(from)].contains(table.destination(of: place(to)))
            else { continue }
            made.append("\(from) > \(to)")
        }
        let table = moves(made)
        for named in places {
            guard let there = table.destination(of: place(named)) else { continue }
            #expect(table.destination(of: there) == nil, "\(named) in \(made), seed \(seed)")
            #expect(table.formerPlaces(of: there).contains(place(named)))
            let who = Attribution(team: place(named).team, feature: place(named).feature)
            let once = table.counted(who)!
            #expect(table.counted(once) == nil)
        }
    }
}

@Suite("A team") struct TeamNamesTests {
    private typealias Rename = TeamNames.Rename

    @Test("is meant by every name that it had, and called by the last")
    func names() {
        let names = TeamNames([
            Rename(team: "a", name: "b"), Rename(team: "x", name: "y"), Rename(team: "a", name: "c"),
        ])
        for name in ["a", "b", "c"] { #expect(names.team(named: name) == "a") }
        #expect(names.name(of: "a") == "c" && names.name(of: "x") == "y" && names.name(of: "other") == "other")
        #expect(names.formerNames(of: "a") == ["a", "b"] && names.formerNames(of: "other").isEmpty)
        #expect(names.called(nil) == nil)
    }

    @Test("may be called again as before")
    func back() {
        let names = TeamNames([Rename(team: "a", name: "b"), Rename(team: "a", name: "a")])
        #expect(names.name(of: "a") == "a" && names.team(named: "b") == "a" && names.team(named: "a") == "a")
        #expect(names.formerNames(of: "a") == ["b"])
    }

    @Test(
        "is told to callers that name it otherwise",
        arguments: [
            (Attribution(team: "b"), nil), (Attribution(team: "a"), "a is called b now: name that."),
            (Attribution(team: "a", feature: "g"), "a is called b now: name that."),
            (Attribution(team: "b", feature: "f"), "b/f was moved and counts as x/g: name that."),
            (Attribution(team: "a", feature: "f"), "a/f was moved and counts as x/g: name that."),
            (Attribution(team: "x", feature: "g"), nil), (Attribution(team: "other", feature: "f"), nil),
        ] as [(Attribution, String?)])
    func warning(who: Attribution, message: String?) {
        let configuration = Configuration(
            version: 1, teams: ["a", "x"], scopes: ScopeIndex([], prices: .empty), ladders: [], prices: .empty,
            names: TeamNames([Rename(team: "a", name: "b")]), moves: moves(["a/f > x/g"]))
        let warning = configuration.movedWarning(who)
        #expect(warning?.message == message && (warning == nil || warning?.code == .moved))
        let scope = configuration.meant(Scope(team: who.team, feature: who.feature))
        #expect(scope.team == (message?.contains("x/g") == true ? "x" : who.team == "b" ? "a" : who.team))
    }
}
