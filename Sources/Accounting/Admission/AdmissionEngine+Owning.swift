/// An engine that owns all money of its windows, because nobody else spends it. A replay has one. It needs no grants: of each
/// window it has leased what is left.
extension AdmissionEngine {
    /// Opens a window.
    package mutating func own(_ key: WindowKey, windowID: Int64, limit: Int64, spent: Int64) {
        learn(
            WindowFacts(
                windowID: windowID, key: key, limit: limit, spent: spent, leased: 0, leasedHere: 0, revision: 1))
        accounts.update(windowID) { account in
            account.longestHoldSeconds = Call.holdSecondsRange.upperBound
            account.leaseAllThatIsLeft()
        }
    }

    /// Charges a window, or takes out of it what no longer counts.
    package mutating func charge(_ amount: Int64, toOwned windowID: Int64) {
        accounts.update(windowID) { account in
            account.spent.increase(by: amount)
            account.leaseAllThatIsLeft()
        }
    }

    /// What a window has left of its limit; nil if it is not open.
    package func leftInWindow(_ windowID: Int64) -> Int64? { accounts[windowID].map { $0.limit.minus($0.spent) } }

    /// Closes a window unless something is held in it. Returns whether it did.
    package mutating func closeOwned(_ windowID: Int64) -> Bool {
        guard let place = accounts.place(ofWindow: windowID) else { return true }
        guard accounts[place: place].held == 0 else { return false }
        accounts.close(place)
        return true
    }

    package var hasUnopenedWindows: Bool { !unopened.isEmpty }

    /// The windows that no call has waited for.
    package mutating func takeUnopenedWindows() -> Set<WindowKey> { takeUnopened() }
}

extension WindowAccount {
    fileprivate mutating func leaseAllThatIsLeft() {
        lease = limit.minus(spent)
        deficit = max(0, spent.minus(limit))
    }
}
