import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A row that PostgreSQL refuses") struct RefusalTests {
    @Test("fails alone, and its hold goes on")
    func alone() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            // PostgreSQL accepts no text that contains a NUL character.
            func settle(_ index: Int) async throws -> String {
                let hold = try await replica.hold("r\(index)")
                var entry = replica.entry(settling: hold, tokens: 5)
                if index % 100 == 42 { entry.providerRequestID = "a\0b" }
                return await replica.record(entry, isOccurredAtGiven: false).word
            }
            let words = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<300 { group.addTask { try await settle(index) } }
                return try await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(words == ["recorded": 297, "refused 22021": 3])
            #expect(replica.status.openHolds == 3)
            #expect(try fixture.count("ledger") == 297)
            #expect(try fixture.window().spent == 297 * 50)
            try fixture.expectNoProblems()
            // The holds of the refused settlements are still open and can be ended.
            let again = try await replica.hold("r42")
            #expect(await replica.settle(again, tokens: 5).word == "recorded")
            #expect(replica.status.openHolds == 2)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("by a constraint of the ledger leaves nothing of itself behind")
    func constraint() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            try fixture.connect().execute("ALTER TABLE ledger ADD CHECK (request_id <> 'bad')")
            let replica = try fixture.replica()
            let words = await withTaskGroup(of: String.self) { group in
                for id in ["a", "bad", "b", "c"] {
                    group.addTask { await replica.report(LedgerFixture.event(id, replica)).word }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(words == ["recorded": 3, "refused 23514": 1])
            #expect(try fixture.count("entry_key", where: "id = 'bad'") == 0)
            #expect(try fixture.window().spent == 300)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("among the counts of verdicts stands in no settlement's way, nor in that of other counts")
    func counts() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            for model in ["opus", "a\0b", "haiku"] {
                _ = try await replica.hold(LedgerFixture.call("hold \(model)", model))
            }
            #expect(await replica.report(LedgerFixture.event("e", replica)).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("f", replica)).word == "recorded")
            replica.tick()
            try await eventually { try fixture.count("verdict_count") == 2 }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
