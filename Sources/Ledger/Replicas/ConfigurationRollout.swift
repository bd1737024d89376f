import Postgres

/// Tells when every live replica has a configuration, or has been fenced. All who wait share one look at the database.
actor ConfigurationRollout {
    private struct Waiter {
        let version: Int64
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private static let firstPause = Duration.milliseconds(5)
    private static let longestPause = Duration.milliseconds(50)

    private let database: Database
    /// The version that this replica's own requests act on.
    private let ownVersion: @Sendable () -> Int64
    private var waiters: [Waiter] = []
    private var isLooking = false
    private var pause = firstPause

    init(database: Database, ownVersion: @escaping @Sendable () -> Int64) {
        self.database = database
        self.ownVersion = ownVersion
    }

    /// Returns true once every live replica has the configuration of `version`; false if some still lack it at the
    /// deadline, or the database cannot say.
    func reaches(_ version: Int64, by deadline: ContinuousClock.Instant) async -> Bool {
        pause = Self.firstPause
        return await withCheckedContinuation { continuation in
            waiters.append(Waiter(version: version, deadline: deadline, continuation: continuation))
            guard !isLooking else { return }
            isLooking = true
            Task { await look() }
        }
    }

    private func look() async {
        while !waiters.isEmpty {
            let least = try? await database.lookUp { try ConfigurationStore.leastVersion($0) }
            let reached = min(least ?? 0, ownVersion())
            let now = ContinuousClock.now
            let ended = waiters.filter { $0.version <= reached || $0.deadline <= now }
            waiters.removeAll { $0.version <= reached || $0.deadline <= now }
            for waiter in ended { waiter.continuation.resume(returning: waiter.version <= reached) }
            if waiters.isEmpty { break }
            try? await Task.sleep(for: pause)
            pause = min(pause * 3 / 2, Self.longestPause)
        }
        isLooking = false
    }
}
