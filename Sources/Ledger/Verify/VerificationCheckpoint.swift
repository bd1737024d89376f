import Accounting
import Postgres

/// Up to where the ledger was verified the last time that everything held.
struct VerificationCheckpoint {
    /// Counts the verifications.
    let number: Int64
    let verifiedAt: Timestamp
    /// When the last verification from the beginning was.
    let wholeAt: Timestamp
    let positions: [Int64: LedgerWalk.Position]

    /// Nil if nothing was verified yet.
    init?(_ transaction: borrowing Transaction) throws {
        guard
            let row = try transaction.query("SELECT number, verified_at, whole_at FROM verified").first
        else { return nil }
        (number, verifiedAt, wholeAt) = try row.decode((Int64, Timestamp, Timestamp).self)
        var positions: [Int64: LedgerWalk.Position] = [:]
        for row in try transaction.query("SELECT replica_id, batch_number, entry_id, hash FROM verified_chain") {
            let (replica, batch, entry, hash) = try row.decode((Int64, Int64, Int64, [UInt8]).self)
            positions[replica] = LedgerWalk.Position(batchNumber: batch, entryID: entry, hash: hash)
        }
        self.positions = positions
    }

    /// Stores how far a verification has come, unless another one has stored its own meanwhile. Returns whether it did.
    ///
    /// - Parameters:
    ///   - known: the checkpoint that was there when the verification began.
    ///   - isWhole: whether it began at the beginning.
    static func store(
        _ walk: LedgerWalk, readAt moment: Timestamp, after known: VerificationCheckpoint?, isWhole: Bool,
        _ connection: Connection
    ) throws -> Bool {
        let positions = walk.positions.sorted { $0.key < $1.key }
        let windows = walk.charges.charges.sorted { $0.key < $1.key }
        return try connection.transaction { transaction in
            let stored = try transaction.execute(
                """
                INSERT INTO verified (number, verified_at, whole_at) VALUES (1, \(moment), \(moment))
                ON CONFLICT (only_row) DO UPDATE SET number = verified.number + 1, verified_at = excluded.verified_at,
                    whole_at = CASE WHEN \(isWhole) THEN excluded.whole_at ELSE verified.whole_at END
                WHERE verified.number = \(known?.number)
                """)
            guard stored > 0 else { return false }
            try transaction.execute("DELETE FROM verified_chain")
            try transaction.execute(
                """
                INSERT INTO verified_chain SELECT r, b, e, h FROM unnest(\(positions.map(\.key)),
                    \(positions.map(\.value.batchNumber)), \(positions.map(\.value.entryID)),
                    \(positions.map(\.value.hash))) AS c(r, b, e, h)
                """)
            try transaction.execute("DELETE FROM verified_window")
            for start in stride(from: 0, to: windows.count, by: 10_000) {
                let portion = windows[start...].prefix(10_000)
                try transaction.execute(
                    """
                    INSERT INTO verified_window SELECT * FROM unnest(\(portion.map(\.key)),
                        \(portion.map(\.value.costNanodollars)), \(portion.map(\.value.tokens)),
                        \(portion.map(\.value.calls)))
                    """)
            }
            return true
        }
    }
}
