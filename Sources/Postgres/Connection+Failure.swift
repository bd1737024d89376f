import CPostgres

extension Connection {
    /// Returns the result of a statement that succeeded; throws for any other result.
    func check(_ result: OpaquePointer?, statement: String) throws(PostgresError) -> ResultHandle {
        guard let result else { throw failure(nil, statement: statement) }
        let handle = ResultHandle(result)
        let cancelledWait = notices.takeSynchronousWaitCancelled()
        switch handle.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if cancelledWait { throw Self.cancelledSynchronousWait }
            return handle
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // PQexec ends a COPY that is under way before it executes its own statement.
            PQclear(PQexec(pointer, ""))
            throw .usage("this client has no COPY")
        default:
            throw failure(handle, statement: statement)
        }
    }

    /// The error that a result, or a missing result, stands for.
    func failure(_ result: ResultHandle?, statement: String) -> PostgresError {
        let state = result.flatMap { ErrorField.sqlState.value(in: $0.pointer) }
        let details = details(of: result?.pointer, statement: statement)
        // The server closes the connection after FATAL and PANIC; libpq notices that only at its next read.
        if let severity = result.flatMap({ ErrorField.severity.value(in: $0.pointer) }) {
            isBroken = isBroken || severity == "FATAL" || severity == "PANIC"
        }
        // A standby refuses writes however often it is asked: another server is the primary, or this one is not
        // promoted yet.
        if state == SQLState.readOnlyTransaction, isOnStandby { isBroken = true }
        // libpq made this fatal result itself, without a SQLSTATE: the server had gone while the connection was idle.
        if let result, state == nil, result.status == PGRES_FATAL_ERROR { isBroken = true }
        guard isUsable else {
            return PostgresError(.connection, PostgresError.connectionLost, details: details, sqlState: state)
        }
        guard let result, let state else {
            return PostgresError(.usage, "the database client refused the statement", details: details)
        }
        let constraint = ErrorField.constraintName.value(in: result.pointer)
        if state == SQLState.statementCompletionUnknown {
            return PostgresError(.unknownOutcome, PostgresError.unknownCommit, details: details, sqlState: state)
        }
        return PostgresError(
            .server(sqlState: state), SQLState.meaning(of: state), details: details, sqlState: state,
            constraintName: constraint)
    }

    private func details(of result: OpaquePointer?, statement: String) -> String {
        var lines: [String] = []
        if let result {
            let fields: [(label: String, field: ErrorField)] = [
                ("", .message), ("detail: ", .detail), ("hint: ", .hint), ("where: ", .context),
                ("at character ", .position),
            ]
            lines += fields.compactMap { label, field in field.value(in: result).map { label + $0 } }
        }
        if lines.isEmpty { lines.append(lastMessage) }
        lines.append("statement: \(statement)")
        return withoutSecrets(lines.joined(separator: "; "))
    }

    static let cancelledSynchronousWait = PostgresError(
        .unknownOutcome, "the commit is on one node only: its wait for synchronous replication was cancelled")

    /// Throws if the connection is lost, or if a zero byte in the text would cut the statement short.
    func checkReady(_ text: String) throws(PostgresError) {
        guard isUsable else { throw PostgresError(.connection, PostgresError.connectionLost) }
        guard !text.utf8.contains(0) else { throw .usage("a statement has a zero byte in it") }
    }

    /// Executes a statement with the simple query protocol, for transaction control and scripts.
    func simpleCommand(_ text: String) throws(PostgresError) -> ResultHandle {
        try checkReady(text)
        return try check(exchange { PQsendQuery(pointer, text) }, statement: text)
    }
}
