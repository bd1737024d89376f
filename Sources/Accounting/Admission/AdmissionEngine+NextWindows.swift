/// Windows that are opened in the background, so that no call waits for them: those that begin soon, and those of budgets
/// that deny nothing.
extension AdmissionEngine {
    /// The last of these seconds before a window begins, its row is known here. Each budget has a moment of its own, so
    /// that not all windows that begin at midnight are asked for at once.
    private static let leastSecondsAhead: Int64 = 60
    private static let secondsOfSpread: Int64 = 240

    /// Notes the windows that follow those in use here, once they are about to begin.
    package mutating func noteNextWindows(at now: Moment, among places: Range<Int>) {
        let horizon = now.wall.adding(seconds: Self.leastSecondsAhead + Self.secondsOfSpread)
        for place in places where !accounts.isVacant(place) {
            guard let end = accounts[place: place].span.end, end <= horizon, end > now.wall,
                accounts[place: place].wasUsed, !accounts[place: place].isNextNoted
            else { continue }
            let number = accounts[place: place].budgetNumber
            let ahead = Self.leastSecondsAhead + number % Self.secondsOfSpread
            guard end <= now.wall.adding(seconds: ahead) else { continue }
            accounts[place: place].isNextNoted = true
            if let key = configuration.nextWindow(of: number, from: end), !knows(key) { unopened.insert(key) }
        }
    }

    /// Whether this replica has an account of the window.
    func knows(_ key: WindowKey) -> Bool { accounts.windowID(of: key) != nil }

    mutating func takeUnopened() -> Set<WindowKey> {
        defer { unopened = [] }
        return unopened
    }
}
