import Accounting
import Postgres
import Synchronization
import Testing

@testable import Ledger

@Suite("A prepaid credit") struct CreditStoreTests {
    private static let terms = Credit(
        id: "c", provider: "maker", model: "opus", team: "t", amount: Money(nanodollars: 10),
        validFrom: CalendarDay(text: "2026-01-01")!, validUntil: CalendarDay(text: "2027-01-01")!, note: "order 4711")

    /// The terms with one of them changed.
    private static func changed(
        provider: String = "maker", model: String? = "opus", team: String? = "t", amount: Int64 = 10,
        from: String = "2026-01-01", until: String? = "2027-01-01", note: String? = "order 4711"
    ) -> Credit {
        Credit(
            id: "c", provider: provider, model: model, team: team, amount: Money(nanodollars: amount),
            validFrom: CalendarDay(text: from)!, validUntil: until.map { CalendarDay(text: $0)! }, note: note)
    }

    @Test("is added once; with the same terms it is found, with others refused") func idempotence() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let (stored, isNew) = try CreditStore.add(Self.terms, addedBy: "test", connection)
            #expect(isNew && stored.credit == Self.terms && stored.addedBy == "test" && stored.withdrawnAt == nil)
            let (again, isNewAgain) = try CreditStore.add(Self.terms, addedBy: "another", connection)
            #expect(!isNewAgain && again.addedAt == stored.addedAt && again.addedBy == "test")
            for (pointer, other) in [
                ("/provider", Self.changed(provider: "other")), ("/model", Self.changed(model: nil)),
                ("/team", Self.changed(team: nil)), ("/amount_usd", Self.changed(amount: 11)),
                ("/valid_from", Self.changed(from: "2026-01-02")), ("/valid_until", Self.changed(until: nil)),
                ("/note", Self.changed(note: nil)),
            ] {
                Self.expectRefused(pointer) { _ = try CreditStore.add(other, addedBy: "test", connection) }
            }
            #expect(try CreditStore.list(connection).map(\.credit) == [Self.terms])
            #expect(throws: StoreFailure.self) { try connection.addCredit("x", 1, team: "nobody") }
            #expect(throws: StoreFailure.self) { try CreditStore.find("x", connection) }
        }
    }

    @Test("begins no earlier than the first month that is open; one that was added before is found all the same")
    func closedMonths() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try CreditStore.add(Self.terms, addedBy: "test", connection)
            try connection.close("2026-02")
            #expect(try !CreditStore.add(Self.terms, addedBy: "test", connection).isNew)
            // January is still open, but February is closed and would lack what the credit pays in January.
            for day in ["2026-01-01", "2026-02-28"] {
                Self.expectRefused("/valid_from") { try connection.addCredit("late", 1, from: day) }
            }
            try connection.addCredit("late", 1, from: "2026-03-01")
        }
    }

    @Test("that is withdrawn has paid nothing, stays in sight, and leaves its name used") func withdrawal() async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try CreditStore.add(Self.terms, addedBy: "test", connection)
            try connection.addCredit("wide", 10)
            try connection.book(7, on: "2026-01-05")
            #expect(try connection.drawn(in: "2026-01") == ["c 2026-01-05 t opus 7"])
            try CreditStore.withdraw("c", by: "test", connection)
            let withdrawn = try #require(try CreditStore.find("c", connection).withdrawnAt)
            try CreditStore.withdraw("c", by: "test", connection)
            let credit = try CreditStore.find("c", connection)
            #expect(credit.withdrawnAt == withdrawn && credit.drawn == .zero && credit.remaining == .zero)
            #expect(try connection.drawn(in: "2026-01") == ["wide 2026-01-05 t opus 7"])
            let failure = #expect(throws: StoreFailure.self) {
                try CreditStore.add(Self.terms, addedBy: "test", connection)
            }
            guard case .creditWithdrawn("c") = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(throws: StoreFailure.self) { try CreditStore.withdraw("x", by: "test", connection) }
            #expect(throws: PostgresError.self) { try connection.execute("DELETE FROM credit_withdrawal") }
        }
    }

    @Test("that has paid in a closed month is withdrawn no more; one that has not may be") func drawnInClosed()
        async throws
    {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.addCredit("c", 10)
            try connection.addCredit("idle", 10)
            try connection.book(7, on: "2026-01-05")
            try connection.close("2026-01")
            let failure = #expect(throws: StoreFailure.self) { try CreditStore.withdraw("c", by: "test", connection) }
            guard case .creditDrawn("c", in: CalendarMonth(text: "2026-01")!) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            try CreditStore.withdraw("idle", by: "test", connection)
        }
    }

    @Test("that is added while a month is closed waits, and does not begin in it") func atOnce() async throws {
        try await LedgerFixture.with { fixture in
            let closer = try fixture.connect()
            try closer.execute("SELECT ensure_month('2026-01-01')")
            let ended = Mutex<String?>(nil)
            let thread = try closer.transaction { transaction in
                try transaction.execute(
                    "INSERT INTO month_close (month, version, closed_by) VALUES ('2026-01-01', 1, 'test')")
                let thread = DedicatedThread(name: "add") {
                    let outcome = Result { try fixture.connect().addCredit("c", 10) }
                    ended.withLock { $0 = "\(outcome)" }
                }
                // The test can check something only once the credit waits for the close.
                var isWaiting = false
                while !isWaiting, ended.withLock({ $0 }) == nil {
                    isWaiting = try transaction.query(
                        """
                        SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
                            WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted)
                        """)[0].decode(at: 0)
                }
                return thread
            }
            await thread.ended()
            #expect(ended.withLock { $0 }?.contains("/valid_from") == true)
            #expect(try fixture.count("credit") == 0)
        }
    }

    private static func expectRefused(_ pointer: String, _ body: () throws -> Void) {
        let failure = #expect(throws: StoreFailure.self) { try body() }
        guard case .invalid(pointer, _) = failure else {
            Issue.record("\(String(describing: failure)), not \(pointer)")
            return
        }
    }
}
