import Accounting
import Postgres
import Synchronization
import Testing

@testable import Ledger

/// Clients that keep writing whatever a test does to the database, and that note what was acknowledged.
final class SteadyWriting: Sendable {
    private let replica: Replica
    private let acknowledged = Mutex<[Int64]>([])
    private let isOver = Atomic(false)
    private let next = Atomic(0)
    static let tokens: Int64 = 10
    static let nanodollars: Int64 = 100

    private init(_ replica: Replica) { self.replica = replica }

    /// Runs `body` while clients write, lets the clients finish, and compares what they noted with the ledger.
    static func with(
        _ replica: Replica, on ledger: LedgerFixture, _ body: @Sendable (SteadyWriting) async throws -> Void
    ) async throws {
        let writing = SteadyWriting(replica)
        try await withThrowingTaskGroup(of: Void.self) { clients in
            for _ in 0..<10 { clients.addTask { try await writing.write() } }
            do {
                try await body(writing)
            } catch {
                writing.isOver.store(true, ordering: .relaxed)
                throw error
            }
            writing.isOver.store(true, ordering: .relaxed)
            try await clients.waitForAll()
        }
        let noted = writing.acknowledged.withLock { $0 }
        let stored = try ledger.connect().query("SELECT entry_id FROM ledger").map { try $0.decode(Int64.self, at: 0) }
        #expect(stored.sorted() == noted.sorted())
        #expect(Set(noted).count == noted.count)
        #expect(try ledger.window().spent == Int64(noted.count) * nanodollars)
    }

    /// Returns once `count` more entries have been acknowledged.
    func awaitAcknowledged(_ count: Int) async throws {
        let before = acknowledged.withLock { $0.count }
        while acknowledged.withLock({ $0.count }) < before + count { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func write() async throws {
        while !isOver.load(ordering: .relaxed) {
            let id = next.add(1, ordering: .relaxed).newValue
            let event = LedgerFixture.event("w\(id)", replica, tokens: Self.tokens, at: SystemClock.wallTime())
            let result = await LedgerResult.untilAnswered { await replica.report(event) }
            #expect(result.isInLedger)
            if let receipt = result.receipt { acknowledged.withLock { $0.append(receipt.entryID) } }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
