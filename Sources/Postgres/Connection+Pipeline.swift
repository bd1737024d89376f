import CPostgres

extension Connection {
    /// Sends all statements at once and reads their results in one round trip.
    ///
    /// Outside a transaction, the statements are one transaction: all of them are committed or none, and a lost
    /// connection is an `.unknownOutcome`. Throws the first error, with the index of its statement.
    package func pipeline(_ statements: [SQL]) throws(PostgresError) -> [Rows] {
        guard !statements.isEmpty else { return [] }
        for statement in statements { try checkSendable(statement) }
        let commits = !isInTransaction
        do throws(PostgresError) {
            let rows = try runPipeline(statements)
            try evictStatements()
            return rows
        } catch  where error.kind == .connection && commits {
            // A standby refused the statements, so nothing was committed.
            if error.sqlState == SQLState.readOnlyTransaction { throw error }
            throw PostgresError(
                .unknownOutcome, PostgresError.unknownCommit, details: error.details, sqlState: error.sqlState)
        }
    }

    func checkSendable(_ sql: SQL) throws(PostgresError) {
        try checkReady(sql.text)
        try sql.parameters.checkLimits()
    }

    /// What to read for each statement. `statement` is its index; nil for the closing statement.
    private enum Step {
        case prepare(StatementCache.Key, statement: Int?)
        case execute(StatementCache.Key, statement: Int?)
    }

    /// Sends the statements and then `closing`, and reads their results. Statements may be made while those before them
    /// are on their way. If one cannot be sent, the pipeline ends with its error and `closing` is not sent.
    func runPipeline(_ statements: some Sequence<SQL>, closing: SQL? = nil) throws(PostgresError) -> [Rows] {
        guard PQenterPipelineMode(pointer) != 0 else { throw failure(nil, statement: "pipeline") }
        var steps: [Step] = []
        var firstError: PostgresError?
        do throws(PostgresError) {
            for (index, sql) in statements.enumerated() { try send(sql, index, &steps) }
            if let closing { try send(closing, nil, &steps) }
        } catch {
            guard isUsable else { throw error }
            firstError = error
        }
        guard PQpipelineSync(pointer) != 0 else { throw broken(statement: "sync") }
        var rows: [Rows] = []
        for step in steps {
            do throws(PostgresError) {
                if let result = try finish(step) { rows.append(result) }
            } catch {
                if firstError == nil { firstError = error }
                guard isUsable else { throw firstError ?? error }
            }
        }
        do throws(PostgresError) {
            try finishSync()
        } catch {
            if firstError == nil { firstError = error }
        }
        guard PQexitPipelineMode(pointer) != 0 else {
            isBroken = true
            throw firstError ?? failure(nil, statement: "pipeline")
        }
        if let firstError { throw firstError }
        return rows
    }

    private static let flushedBytes = 16_384

    /// Hands the statement to libpq, which sends as much as the socket takes at once and keeps the rest for the next
    /// call.
    private func send(_ sql: SQL, _ index: Int?, _ steps: inout [Step]) throws(PostgresError) {
        try sql.parameters.checkLimits()
        // To make the text and to look through it costs as much as to send it: once is enough, and for a statement that is
        // prepared already its first time was.
        let key = StatementCache.Key(text: sql.text, types: sql.parameters.types)
        var sent: Int32 = 1
        let name: String
        if let known = statements.name(for: key) {
            guard isUsable else { throw PostgresError(.connection, PostgresError.connectionLost) }
            name = known
        } else {
            try checkReady(key.text)
            name = statements.insert(key)
            steps.append(.prepare(key, statement: index))
            sent = PQsendPrepare(pointer, name, key.text, Int32(key.types.count), key.types)
        }
        steps.append(.execute(key, statement: index))
        if sent != 0 {
            sent = sql.parameters.withBinary { pointers, lengths, formats in
                PQsendQueryPrepared(pointer, name, Int32(pointers.count), pointers, lengths, formats, 1)
            }
        }
        // A large statement is flushed at once, so that the server can start on it.
        if sent != 0, sql.parameters.byteCount >= Self.flushedBytes { sent = PQflush(pointer) < 0 ? 0 : 1 }
        guard sent != 0 else { throw broken(statement: key.text) }
        statistics?.countStatement()
    }

    /// Reads the results of one step; returns rows if the step executed a statement.
    private func finish(_ step: Step) throws(PostgresError) -> Rows? {
        switch step {
        case .prepare(let key, let statement):
            do throws(PostgresError) {
                _ = try nextResult(of: key.text, statement)
            } catch {
                statements.remove(key)
                throw error
            }
            return nil
        case .execute(let key, let statement):
            do throws(PostgresError) {
                return Rows(try nextResult(of: key.text, statement))
            } catch {
                if isStalePlan(error) { statements.remove(key) }
                throw error
            }
        }
    }

    private func nextResult(of text: String, _ statement: Int?) throws(PostgresError) -> ResultHandle {
        guard let first = nextResult() else { throw broken(statement: text) }
        let result = ResultHandle(first)
        // A NULL ends the results of each statement.
        if isUsable, let surplus = nextResult() {
            PQclear(surplus)
            throw broken(statement: text)
        }
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return result
        default:
            var error = failure(result, statement: text)
            error.statementIndex = statement
            throw error
        }
    }

    /// Reads the end of the pipeline. Outside a transaction this is the commit, which a deferred constraint may refuse.
    private func finishSync() throws(PostgresError) {
        var error: PostgresError?
        var nulls = 0
        while isUsable, nulls < 2 {
            guard let next = nextResult() else {
                nulls += 1
                continue
            }
            let result = ResultHandle(next)
            if result.status == PGRES_PIPELINE_SYNC {
                if notices.takeSynchronousWaitCancelled() { error = error ?? Self.cancelledSynchronousWait }
                if let error { throw error }
                return
            }
            nulls = 0
            error = error ?? failure(result, statement: "commit")
        }
        throw broken(statement: "sync")
    }

    private func broken(statement: String) -> PostgresError {
        let details = withoutSecrets("\(lastMessage); statement: \(statement)")
        isBroken = true
        return PostgresError(.connection, PostgresError.connectionLost, details: details)
    }
}
