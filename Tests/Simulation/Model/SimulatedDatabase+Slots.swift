import Accounting

/// Rolling windows: what was spent leaves them slot by slot.
extension SimulatedDatabase {
    /// Charges a window with what an entry has spent. What no longer counts by now changes nothing. Returns what counts.
    func addToSlot(_ amount: Int64, of id: Int64, until leavesAt: Timestamp) -> Int64 {
        guard leavesAt > now else { return 0 }
        slots[id, default: [:]][leavesAt, default: 0] += amount
        return amount
    }

    /// Does what `WindowSlots` does.
    func expireSlots(of ids: some Sequence<Int64>) {
        for id in ids {
            guard let all = slots[id] else { continue }
            let oldest = bug == .forgetOldestSlot ? all.keys.min() : nil
            let gone = all.filter { $0.key <= now || $0.key == oldest }
            if gone.isEmpty { continue }
            slots[id] = all.filter { gone[$0.key] == nil }
            windows[id]!.spent -= gone.values.reduce(0, +)
            windows[id]!.revision += 1
        }
    }
}
