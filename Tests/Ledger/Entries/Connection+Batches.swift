import Postgres

@testable import Ledger

extension Connection {
    /// Writes a batch of `teams.count` entries as a replica does, one entry of each team in `teams`. `number` counts the
    /// replica's batches, `firstEntry` its entries. Recorded `secondsAgo`, and each entry a microsecond after the other.
    func writeBatch(
        of replicaID: Int64, number: Int64, firstEntry: Int64, teams: [String], secondsAgo: Int64 = 0
    ) throws {
        try execute(
            """
            INSERT INTO ledger (entry_id, booking_month, kind, occurred_at, recorded_at, day, source, request_id, attempt,
                team, tag_keys, tag_values, requested_model, provider, model, service_tier, status, meters, quantities,
                price_ids, input_tokens, output_tokens, residual_tokens, currency, window_ids, batch_replica_id,
                batch_number)
            SELECT \(EntryID.first(of: replicaID) - 1 + firstEntry) + n - 1, date_trunc('month', now())::date, 'usage',
                now(), recorded_at, now()::date, 'job', 'e', 1, team, '{}', '{}', 'm', 'p', 'm', 'standard', 'ok', '{}',
                '{}', '{}', 0, 0, 0, 'USD', '{}', \(replicaID), \(number)
            FROM unnest(\(teams)) WITH ORDINALITY AS t(team, n), LATERAL (
                SELECT now() - make_interval(secs => \(secondsAgo)) + n * interval '1 microsecond' AS recorded_at) r
            """)
        let last = teams.isEmpty ? nil : EntryID.first(of: replicaID) + firstEntry + Int64(teams.count) - 2
        try execute(
            """
            INSERT INTO batch (replica_id, number, entry_count, first_entry_id, last_entry_id, hash)
            VALUES (\(replicaID), \(number), \(Int64(teams.count)), \(teams.isEmpty ? nil : EntryID.first(of: replicaID)),
                \(last), 'hash')
            """)
    }

    /// As if a replica had started and ended long ago.
    func age(_ replicaID: Int64, days: Int32 = 30) throws {
        try execute(
            """
            UPDATE replica SET state = 'drained', started_at = now() - make_interval(days => \(days + 1)),
                heartbeat_at = now() - make_interval(days => \(days))
            WHERE replica_id = \(replicaID)
            """)
    }

    func plan(of statement: SQL) throws -> String {
        try query("EXPLAIN " + statement).map { try $0.decode(String.self, at: 0) }.joined(separator: "\n")
    }
}
