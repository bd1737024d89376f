/// What others announced while a grant batch was under way. The batch may open windows that the engine does not know before
/// its answer, and as they were before.
struct HeardMeanwhile: Sendable {
    /// Windows that were revoked and that the engine did not know.
    var revoked: Set<Int64> = []
    /// Rows of windows whose limits have changed.
    var changed: [WindowFacts] = []
}
