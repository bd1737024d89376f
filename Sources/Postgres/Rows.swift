import CPostgres

/// The rows that a statement returned, in the order the server sent them.
package struct Rows: RandomAccessCollection, Sendable {
    let result: ResultHandle
    package let endIndex: Int

    init(_ result: ResultHandle) {
        self.result = result
        endIndex = Int(PQntuples(result.pointer))
    }

    package var startIndex: Int { 0 }

    package subscript(position: Int) -> Row {
        precondition(indices.contains(position), "row \(position) of \(endIndex)")
        return Row(result: result, index: Int32(position))
    }

    /// Rows inserted, updated, deleted, copied or selected; 0 for a statement that counts none.
    package var affectedCount: Int { Int(String(cString: PQcmdTuples(result.pointer))) ?? 0 }

    package var columnNames: [String] { result.columnNames }
}

/// Owns a `PGresult`.
///
/// Unchecked because libpq never changes a result once it is returned, and frees it only here.
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let columnCount: Int

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        columnCount = Int(PQnfields(pointer))
    }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var columnNames: [String] { (0..<columnCount).map { String(cString: PQfname(pointer, Int32($0))) } }
}
