import Postgres
import SeededRandom
import Testing

@testable import Ledger

/// Readers that copy the ledger by asking again and again.
@Suite("A reader who follows the ledger") struct FollowingTests {
    private static let beginning = LedgerPosition(wholeThrough: 0, lastEntries: [:])

    @Test("gets what each server writes, also one that starts later or commits before another that began earlier")
    func overtaking() async throws {
        try await LedgerFixture.with { fixture in
            let (reader, first, second) = (try fixture.connect(), try fixture.connect(), try fixture.connect())
            let replicas = try (1...2).map { _ in try ReplicaRegistry.register(first) }
            try first.writeBatch(of: replicas[0], number: 1, firstEntry: 1, teams: ["t"], secondsAgo: 60)
            var page = try EntryList.newest(EntryFilter(), limit: 10, reader)
            #expect(page.entries.map(\.entryID) == [EntryID.first(of: replicas[0])])

            func next() throws -> [Int64] {
                page = try EntryList.following(page.position, EntryFilter(), limit: 10, reader)
                return page.entries.map(\.entryID)
            }
            #expect(try next() == [])
            try first.executeScript("BEGIN")
            try first.writeBatch(of: replicas[0], number: 2, firstEntry: 2, teams: ["t", "t"], secondsAgo: 50)
            try second.writeBatch(of: replicas[1], number: 1, firstEntry: 1, teams: ["t"])
            #expect(try next() == [EntryID.first(of: replicas[1])])
            try first.executeScript("COMMIT")
            #expect(try next() == [EntryID.first(of: replicas[0]) + 1, EntryID.first(of: replicas[0]) + 2])
            let third = try ReplicaRegistry.register(second)
            try second.writeBatch(of: third, number: 1, firstEntry: 1, teams: [])
            #expect(try next() == [])
            try second.writeBatch(of: third, number: 2, firstEntry: 1, teams: ["t"])
            #expect(try next() == [EntryID.first(of: third)])
            #expect(try next() == [])
        }
    }

    @Test("gets every entry once, whatever commits, starts and ends meanwhile", arguments: seeds)
    func everyEntryOnce(seed: UInt64) async throws {
        try await LedgerFixture.with { fixture in
            let reader = try fixture.connect()
            var generator = SplitMix64(seed: seed)
            var fleet = Fleet(fixture)
            var readers = [Reader(nil), Reader("t"), Reader("rare"), Reader("nobody")]
            for _ in 1...300 {
                switch generator.int(0...99) {
                case 0..<8: try fleet.start(&generator)
                case 8..<60: try fleet.begin(&generator)
                case 60..<82: try fleet.commit(&generator)
                case 82..<87: try fleet.end(&generator)
                default: try readers[generator.int(0...3)].ask(limit: generator.int64(1...7), reader)
                }
            }
            try fleet.commitAll()
            for index in readers.indices {
                repeat { try readers[index].ask(limit: 5, reader) } while readers[index].hasMore
                let expected = fleet.written.filter { readers[index].team == nil || $0.team == readers[index].team }
                #expect(readers[index].got.sorted() == expected.map(\.entryID).sorted(), "seed \(seed)")
            }
            #expect(fleet.written.count > 100)
        }
    }

    @Test("asks in few words, however many servers there have been")
    func shortPosition() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for _ in 1...80 {
                let replica = try ReplicaRegistry.register(connection)
                try connection.writeBatch(of: replica, number: 1, firstEntry: 1, teams: ["t", "t"])
                try connection.age(replica)
            }
            let live = try ReplicaRegistry.register(connection)
            try connection.writeBatch(of: live, number: 1, firstEntry: 1, teams: ["t"])
            var reader = Reader(nil)
            repeat {
                try reader.ask(limit: 10, connection)
                #expect(reader.position.lastEntries.count <= 11)
            } while reader.hasMore
            #expect(reader.got.count == 161 && reader.position.lastEntries.keys.sorted() == [live])
            #expect(try EntryList.newest(EntryFilter(), limit: 1, connection).position == reader.position)
        }
    }

    /// A client that follows one team's entries, or all.
    private struct Reader {
        let team: String?
        private(set) var position = FollowingTests.beginning
        private(set) var hasMore = false
        private(set) var got: [Int64] = []

        init(_ team: String?) { self.team = team }

        mutating func ask(limit: Int64, _ connection: Connection) throws {
            let page = try EntryList.following(position, EntryFilter(team: team), limit: limit, connection)
            #expect(page.entries.count <= limit)
            got += page.entries.map(\.entryID)
            // Through its text, as a client keeps it.
            position = try #require(LedgerPosition(text: page.position.text))
            hasMore = page.hasMore
        }
    }

    /// Replicas that write batches, each in a transaction that others overtake.
    private struct Fleet {
        private struct Writer {
            let replicaID: Int64
            let connection: Connection
            var batches: Int64 = 0
            var entries: Int64 = 0
            var open: [(entryID: Int64, team: String)]?
        }

        private let fixture: LedgerFixture
        private var writers: [Writer] = []
        private(set) var written: [(entryID: Int64, team: String)] = []

        init(_ fixture: LedgerFixture) { self.fixture = fixture }

        mutating func start(_ generator: inout SplitMix64) throws {
            guard writers.count < 12 else { return }
            let connection = try fixture.connect()
            let replicaID = try ReplicaRegistry.register(connection)
            // Some have been running for long.
            if generator.chance(percent: 50) {
                try connection.execute(
                    "UPDATE replica SET started_at = now() - interval '30 days' WHERE replica_id = \(replicaID)")
            }
            writers.append(Writer(replicaID: replicaID, connection: connection))
        }

        mutating func begin(_ generator: inout SplitMix64) throws {
            guard !writers.isEmpty else { return }
            let index = generator.int(0...writers.count - 1)
            guard writers[index].open == nil else { return }
            let teams = (0..<generator.int(0...6)).map { _ in generator.chance(percent: 5) ? "rare" : "t" }
            let writer = writers[index]
            try writer.connection.executeScript("BEGIN")
            try writer.connection.writeBatch(
                of: writer.replicaID, number: writer.batches + 1, firstEntry: writer.entries + 1, teams: teams,
                secondsAgo: generator.int64(0...100))
            writers[index].open = teams.enumerated().map {
                (EntryID.first(of: writer.replicaID) + writer.entries + Int64($0.offset), $0.element)
            }
            writers[index].batches += 1
            writers[index].entries += Int64(teams.count)
        }

        mutating func commit(_ generator: inout SplitMix64) throws {
            let open = writers.indices.filter { writers[$0].open != nil }
            if !open.isEmpty { try commit(generator.pick(open)) }
        }

        private mutating func commit(_ index: Int) throws {
            guard let entries = writers[index].open else { return }
            try writers[index].connection.executeScript("COMMIT")
            written += entries
            writers[index].open = nil
        }

        mutating func end(_ generator: inout SplitMix64) throws {
            guard let index = writers.indices.randomElement(using: &generator) else { return }
            try commit(index)
            // Only the oldest replicas can have ended long ago.
            if index == 0 { try writers[index].connection.age(writers[index].replicaID) }
            writers.remove(at: index)
        }

        mutating func commitAll() throws { for index in writers.indices { try commit(index) } }
    }
}
