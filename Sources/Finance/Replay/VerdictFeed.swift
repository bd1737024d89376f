import Accounting
import Postgres

/// A page of a replica's verdict log as it is stored, with the names of its users.
package struct StoredPage: Sendable {
    package let replicaID: Int64
    package let number: Int64
    package let content: [UInt8]
    /// One whose name was erased has its number instead.
    package let users: [String]

    fileprivate static let columns: SQL = """
        replica_id, number, content, ARRAY(
            SELECT COALESCE(p.name, '(' || u.id || ')') FROM unnest(v.user_ids) WITH ORDINALITY AS u(id, place)
            LEFT JOIN person p ON p.user_id = u.id ORDER BY u.place)
        """

    fileprivate init(_ row: Row) throws {
        (replicaID, number, content, users) = try row.decode((Int64, Int64, [UInt8], [String]).self)
    }
}

/// The verdict logs of all replicas, merged by time. The order within one replica is exact.
package struct VerdictFeed {
    /// The log of one replica.
    fileprivate struct Log {
        let replicaID: Int64
        /// When its next record was written, or its next page begins.
        var at: Timestamp
        var number: Int64
        var pages: [StoredPage] = []
        var reader: VerdictPageReader?
        var next: VerdictRecord?
        var unreadPages: Int64 = 0
    }

    fileprivate static let pagesARead: Int64 = 16

    private let span: Range<Timestamp>
    private var logs: [Log]
    /// How many calls the pages have.
    package let callCount: Int64
    /// How many pages could not be read to their end so far, of logs that were read.
    package private(set) var unreadPages: Int64 = 0

    package init(_ span: Range<Timestamp>, _ connection: Connection) throws {
        self.span = span
        let rows = try connection.query(
            """
            SELECT replica_id, min(number), min(first_at), sum(calls)::bigint FROM verdict_page
            WHERE last_at >= \(span.lowerBound) AND first_at < \(span.upperBound) GROUP BY 1 ORDER BY 1
            """)
        let found = try rows.map { try $0.decode((Int64, Int64, Timestamp, Int64).self) }
        logs = found.map { Log(replicaID: $0.0, at: $0.2, number: $0.1 - 1) }
        callCount = found.reduce(0) { $0 + $1.3 }
    }

    /// All pages of a time, replica by replica.
    package static func pages(_ span: Range<Timestamp>, _ connection: Connection) throws -> [StoredPage] {
        try connection.query(
            """
            SELECT \(sql: StoredPage.columns) FROM verdict_page v
            WHERE last_at >= \(span.lowerBound) AND first_at < \(span.upperBound) ORDER BY replica_id, number
            """
        ).map(StoredPage.init)
    }

    /// When the log begins; nil if there is none.
    package static func begins(_ connection: Connection) throws -> Timestamp? {
        // Pages last about a second, so the one that ends first begins first. Only the ends have an index.
        try connection.query("SELECT first_at FROM verdict_page ORDER BY last_at LIMIT 1").first?.decode(at: 0)
    }

    /// The next record, and the replica that wrote it.
    package mutating func next(_ connection: Connection) throws -> (record: VerdictRecord, replicaID: Int64)? {
        while var index = logs.indices.first {
            for other in logs.indices where logs[other].at < logs[index].at { index = other }
            if let record = logs[index].next {
                logs[index].advance()
                return (record, logs[index].replicaID)
            }
            if try !logs[index].read(span, connection) { unreadPages += logs.remove(at: index).unreadPages }
        }
        return nil
    }
}

extension VerdictFeed.Log {
    fileprivate mutating func advance() {
        while true {
            if let record = reader?.next() {
                (next, at) = (record, record.at)
                return
            }
            if reader?.isCut == true { unreadPages += 1 }
            guard !pages.isEmpty else {
                (next, reader) = (nil, nil)
                return
            }
            let page = pages.removeFirst()
            (number, reader) = (page.number, VerdictPageReader(page.content, users: page.users))
            if reader == nil { unreadPages += 1 }
        }
    }

    /// Reads the next pages. Returns whether there were any.
    fileprivate mutating func read(_ span: Range<Timestamp>, _ connection: Connection) throws -> Bool {
        let rows = try connection.query(
            """
            SELECT \(sql: StoredPage.columns) FROM verdict_page v
            WHERE replica_id = \(replicaID) AND number > \(number) AND first_at < \(span.upperBound)
            ORDER BY number LIMIT \(VerdictFeed.pagesARead)
            """)
        guard !rows.isEmpty else { return false }
        pages = try rows.map(StoredPage.init)
        number = pages.last!.number
        advance()
        return next != nil || !pages.isEmpty
    }
}
