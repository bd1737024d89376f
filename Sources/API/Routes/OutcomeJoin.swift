import Synchronization

/// Begins one operation for each item, in order. Once the last outcome has arrived, it passes all outcomes on together,
/// in the order of the items. An outcome may arrive at once or later, on any thread.
final class OutcomeJoin<Outcome: Sendable>: Sendable {
    private struct State {
        var outcomes: [Outcome?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let whole: @Sendable ([Outcome]) -> Void

    private init(_ count: Int, _ whole: @escaping @Sendable ([Outcome]) -> Void) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        self.whole = whole
    }

    static func begin<Item>(
        _ items: [Item], _ begin: (Item, @escaping @Sendable (Outcome) -> Void) -> Void,
        whole: @escaping @Sendable ([Outcome]) -> Void
    ) {
        if items.isEmpty { return whole([]) }
        let join = OutcomeJoin(items.count, whole)
        for (index, item) in items.enumerated() { begin(item) { join.add($0, at: index) } }
    }

    private func add(_ outcome: Outcome, at index: Int) {
        let all = state.withLock { state -> [Outcome]? in
            state.outcomes[index] = outcome
            state.missing -= 1
            return state.missing == 0 ? state.outcomes.compactMap(\.self) : nil
        }
        if let all { whole(all) }
    }
}
