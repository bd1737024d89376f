import Crypto
import Postgres

/// The values of one row in PostgreSQL's binary format, each after its length. The same bytes are sent and hashed.
struct BinaryRow {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(640) }

    /// Defined here rather than in `Postgres`, so that it is compiled for each type: encoding forty values a row is
    /// most of the work of a batch.
    mutating func append(_ value: (some PostgresEncodable)?) {
        guard let value else { return bytes.append(bigEndian: Int32(-1)) }
        let start = bytes.count
        bytes.append(bigEndian: Int32(0))
        value.encode(into: &bytes)
        let length = UInt32(truncatingIfNeeded: bytes.count - start - 4)
        for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: length >> (24 - 8 * byte)) }
    }
}

/// The chain of hashes over one replica's batches: changing, adding or dropping any row of it changes every later hash.
struct HashChain {
    private var hash: SHA256

    /// `previous` is the hash of the previous batch; empty for a replica's first batch.
    init(after previous: [UInt8]) {
        hash = SHA256()
        hash.update(data: previous)
    }

    mutating func add(_ row: [UInt8]) { hash.update(data: row) }

    func end() -> [UInt8] { Array(hash.finalize()) }
}
