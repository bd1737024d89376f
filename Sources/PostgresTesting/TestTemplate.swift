import Postgres

/// A database that is prepared once in a test process. Each test gets its own copy of it.
package struct TestTemplate: Sendable {
    private let made: Task<String, any Error>

    /// `prepare` must leave no connection open; it may block.
    package init(_ prepare: @escaping @Sendable (TestDatabase) throws -> Void) {
        made = Task {
            let database = try await TestDatabase.make()
            try prepare(database)
            return database.name
        }
    }

    /// The database's name, once it is ready.
    var name: String { get async throws { try await made.value } }
}
