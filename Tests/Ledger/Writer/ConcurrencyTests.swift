import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Replicas of one database", .serialized) struct ConcurrencyTests {
    @Test("settle for each other at once, and everything adds up")
    func manyTasks() async throws {
        let budgets = [
            LedgerFixture.budget(limit: 100_000_000, alertAt: [1, 50]),
            LedgerFixture.budget("f", limit: 50_000_000, scope: Scope(feature: "f"), period: .day),
            LedgerFixture.budget("calls", limit: 1_000_000, scope: Scope(user: "u1"), unit: .calls),
            LedgerFixture.budget("soft", limit: 10, .soft),
        ]
        try await LedgerFixture.with(budgets) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica(), try fixture.replica()]
            let ticker = Task {
                while !Task.isCancelled {
                    for replica in replicas { replica.tick() }
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            let spent = try await withThrowingTaskGroup(of: Int64.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        var spent: Int64 = 0
                        for number in 0..<25 {
                            let maker = replicas[(task + number) % 3]
                            let ender = replicas[(task + number / 3) % 3]
                            let who = Attribution(
                                team: "t", feature: task % 2 == 0 ? "f" : "g", user: "u\(task % 5)")
                            let model = ["opus", "sonnet", "haiku"][number % 3]
                            let hold = try await maker.hold(
                                LedgerFixture.call("r\(task)-\(number)", model, tokens: 20, who: who))
                            switch number % 5 {
                            case 0: #expect(await ender.void(hold).word == "ended")
                            case 1:
                                let word = await ender.report(
                                    LedgerFixture.event("e\(task)-\(number)", ender, who: who))
                                #expect(word.word == "recorded")
                                spent += 100
                                fallthrough
                            default:
                                // Some calls cost twice what they declared.
                                let tokens: Int64 = number % 4 == 0 ? 40 : 15
                                let result = await ender.settle(hold, tokens: tokens)
                                #expect(result.word == "recorded")
                                spent += result.receipt?.cost?.nanodollars ?? 0
                                if number % 7 == 0 {
                                    #expect(await maker.settle(hold, tokens: tokens).word == "duplicate")
                                }
                            }
                        }
                        return spent
                    }
                }
                return try await group.reduce(0, +)
            }
            try fixture.expectNoProblems()
            #expect(try fixture.window().spent == spent)
            for replica in replicas { try await eventually { replica.status.openHolds == 0 } }
            ticker.cancel()
            for replica in replicas { await replica.drain() }
            for budget in budgets { #expect(try fixture.window(budget.id).leased == 0) }
            #expect(try fixture.count("ledger") == 64 * 20 + 64 * 5)
            try fixture.expectNoProblems()
        }
    }

    @Test("that write the same ids and end the same holds at the same time write each once")
    func races() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100_000_000)]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica(), try fixture.replica()]
            var holds: [Hold] = []
            for number in 0..<60 { holds.append(try await replicas[number % 3].hold("r\(number)")) }
            let words = await withTaskGroup(of: String.self) { group in
                for (number, hold) in holds.enumerated() {
                    for replica in replicas {
                        group.addTask { await replica.settle(hold, tokens: 8).word }
                        group.addTask {
                            await replica.report(
                                LedgerFixture.event("e\(number)", replica, at: hold.authorizedAt)
                            ).word
                        }
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(words == ["recorded": 120, "duplicate": 240])
            #expect(try fixture.window().spent == 60 * 80 + 60 * 100)
            #expect(try fixture.count("hold_end") == 60)
            for replica in replicas { await replica.drain() }
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("that lose the race for an id after they looked answer with what the other has written")
    func lostRace() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let other = try fixture.connect()
            try other.executeScript(
                """
                BEGIN;
                INSERT INTO entry_key (owner, id, digest, entry_id, cost_nanodollars, overrun_nanodollars, model)
                VALUES ('source:job', 'e', 'another', 1, 5, 0, 'opus')
                """)
            async let answer = replica.report(LedgerFixture.event("e", replica))
            let waiting: SQL =
                "SELECT FROM pg_stat_activity WHERE query LIKE 'INSERT INTO entry_key%' AND wait_event_type = 'Lock'"
            try await eventually { try !fixture.connect().query(waiting).isEmpty }
            try other.executeScript("COMMIT")
            let result = await answer
            #expect(result.word == "conflict")
            #expect(result.receipt?.entryID == 1)
            #expect(try fixture.count("ledger") == 0)
            await replica.drain()
        }
    }

    @Test("never lease more than the limit together, and deny only what is not there")
    func tightBudget() async throws {
        let budget = LedgerFixture.budget(limit: 10_000)
        try await LedgerFixture.with([budget]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica(), try fixture.replica()]
            let watch = Task {
                let connection = try fixture.connect()
                var worst: Int64 = 0
                while !Task.isCancelled {
                    worst = max(
                        worst,
                        try connection.query("SELECT max(spent + leased) FROM window_total")[0].decode(at: 0))
                    try? await Task.sleep(for: .milliseconds(2))
                }
                return worst
            }
            let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<48 {
                    group.addTask {
                        var admitted = 0
                        for number in 0..<10 {
                            let replica = replicas[(task + number) % 3]
                            let verdict = try await replica.verdict(LedgerFixture.call("r\(task)-\(number)"))
                            guard let hold = verdict.hold else { continue }
                            admitted += 1
                            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
                        }
                        return admitted
                    }
                }
                return try await group.reduce(0, +)
            }
            // Money left in leases comes back. Then the last calls fit to the last nanodollar.
            var total = admitted
            for index in 0..<200 where total < 100 {
                let replica = replicas[index % 3]
                for other in replicas { other.tick() }
                let verdict = try await replica.verdict(LedgerFixture.call("late\(index)"))
                if let hold = verdict.hold {
                    total += 1
                    #expect(await replica.settle(hold, tokens: 10).word == "recorded")
                } else {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            #expect(total == 100)
            #expect(try fixture.window().spent == 10_000)
            let denied = try await replicas[0].verdict(LedgerFixture.call("over"))
            #expect(denied.reason?.code == .budgetExhausted)
            watch.cancel()
            #expect(try await watch.value <= 10_000)
            for replica in replicas { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }
}
