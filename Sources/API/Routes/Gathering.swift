import Synchronization

/// Begins something for each item, one after another in their order, and tells all outcomes together, in the same order,
/// once the last is there. They may come at once or later, from any thread.
final class Gathering<Outcome: Sendable>: Sendable {
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
        let gathering = Gathering(items.count, whole)
        for (index, item) in items.enumerated() { begin(item) { gathering.add($0, at: index) } }
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
