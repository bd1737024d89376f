import Testing

/// Waits for a condition that becomes true some time after its cause.
enum Eventually {
    static func holds(
        _ complaint: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ isReached: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !isReached() {
            try #require(ContinuousClock.now < deadline, complaint, sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
