import Postgres
import Testing

@testable import Ledger

@Suite("The newest entries") struct NewestTests {
    @Test(
        "are those of all servers by the time of their recording, whichever server started last",
        arguments: [1, 3, 15, 40])
    func byTime(limit: Int64) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            var recorded: [(entryID: Int64, secondsAgo: Int64)] = []
            for replica in try (0..<3).map({ _ in try ReplicaRegistry.register(connection) }) {
                for number in Int64(1)...20 {
                    // The replica that started first records last, the others earlier and between each other.
                    let secondsAgo = replica == 1 ? 20 - number : 1000 - 10 * number + replica
                    try connection.writeBatch(
                        of: replica, number: number, firstEntry: number, teams: ["t"], secondsAgo: secondsAgo)
                    recorded.append((EntryID.first(of: replica) + number - 1, secondsAgo))
                }
            }
            let expected = recorded.sorted { $0.secondsAgo > $1.secondsAgo }.suffix(Int(limit)).map(\.entryID)
            for team in [nil, "t"] {
                #expect(
                    try EntryList.newest(EntryFilter(team: team), limit: limit, connection).entries.map(\.entryID)
                        == expected)
            }
        }
    }

    @Test("of a team with few are found however many servers have ended since")
    func rareTeam() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            var replicas: [Int64] = []
            for number in 1...3 {
                let replica = try ReplicaRegistry.register(connection)
                replicas.append(replica)
                try connection.writeBatch(of: replica, number: 1, firstEntry: 1, teams: ["rare"])
                try connection.age(replica, days: 100 - Int32(number))
            }
            try connection.execute(
                "INSERT INTO replica (lease_seconds, state) SELECT 10, 'drained' FROM generate_series(1, 300)")
            let page = try EntryList.newest(EntryFilter(team: "rare"), limit: 20, connection)
            #expect(page.entries.map { EntryID.replica($0.entryID) } == replicas)
            #expect(try EntryList.newest(EntryFilter(team: "nobody"), limit: 20, connection).entries.isEmpty)
        }
    }

    @Test("of a team and those that follow are read along the index of teams, never by reading all entries")
    func plan() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for number in Int64(1)...3 {
                let replica = try ReplicaRegistry.register(connection)
                let teams = Array(repeating: "t", count: 20_000) + (number == 1 ? ["rare"] : [])
                try connection.writeBatch(of: replica, number: 1, firstEntry: 1, teams: teams)
            }
            try connection.executeScript("ANALYZE ledger")
            let ranges = (1...3).map { (after: EntryID.first(of: $0), through: EntryID.last(of: $0)) }
            try EntryList.read(connection) { transaction in
                for team in ["rare", "t", "nobody", nil] {
                    let index = team == nil ? "_pkey" : "_team"
                    let directions = [true, false].map {
                        EntryList.entries(of: ranges, EntryFilter(team: team), isNewestFirst: $0, count: 20)
                    }
                    for statement in directions + (team == nil ? [] : [EntryList.likelyReplicas(team: team)]) {
                        let plan = try transaction.query("EXPLAIN " + statement)
                            .map { try $0.decode(String.self, at: 0) }.joined(separator: "\n")
                        #expect(plan.contains(index) && !plan.contains("Seq Scan on ledger"), "\(plan)")
                        #expect(!plan.contains("Sort Key: ledger") || plan.contains("Merge Append"), "\(plan)")
                    }
                }
            }
        }
    }
}
