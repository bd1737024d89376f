import Accounting

/// Rolling windows: what was spent leaves them slot by slot.
extension SimulatedDatabase {
    /// What a window counts of a charge. What no longer counts by now changes nothing.
    func counted(_ charge: WindowCharge, in id: Int64) -> Int64 {
        guard let leavesAt = charge.leavesAt else { return charge.spent }
        guard leavesAt > now else { return 0 }
        slots[id, default: [:]][leavesAt, default: 0] += charge.spent
        return charge.spent
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
