import Accounting
import Ledger

extension SimulatedDatabase {
    /// Answers the requests that `HeartbeatSender` sends to PostgreSQL.
    func answer(_ request: HeartbeatQueue.Request) -> HeartbeatQueue.Answer {
        switch request {
        case .heartbeat(let replicaID, let version, let last): heartbeat(replicaID, version, last)
        case .register(let formerID): .registered(replicaID: register(above: formerID))
        }
    }

    /// Answers the requests that `ReplicaControl` sends to PostgreSQL. `known` is the version of the configuration that
    /// it has read last.
    func answer(_ request: ControlQueue.Request, known: Int64) -> ControlQueue.Answer {
        switch request {
        case .load(let replicaID, let isWhole):
            let isKnown =
                bug == .keepConfigurationOfLostPast
                ? known >= configuration.version : !isWhole && known == configuration.version
            if isKnown { return .loaded(nil, []) }
            return .loaded(configuration, told(replicaID).map { facts($0, for: replicaID) })
        case .deregister(let handover): return .deregistered(deregister(handover))
        case .readUpdates(let replicaID, let after, let looks):
            return .updates(updates(of: replicaID, after, looksForRevocations: looks))
        }
    }

    /// The windows whose rows a replica reads with the configuration.
    private func told(_ replicaID: Int64) -> [Int64] {
        let isFirst = replicaID == replicas.filter { $0.value.state == .live }.keys.min()
        return bug == .boostOutlivesItsEnd && isFirst && hasBoostEnded ? [] : windows.keys.sorted()
    }

    /// Registers a replica under an id that follows the time. A run lasts a minute or two, so its ids count milliseconds
    /// where those of PostgreSQL count minutes. `id`: the one that PostgreSQL gave, where both do the same.
    func register(above former: Int64 = 0, as id: Int64? = nil) -> Int64 {
        let next = (replicas.keys.max() ?? 0) + 1
        let elapsed = (now.microseconds - startedAt.microseconds) / 1_000
        let least = max(next, elapsed, former + 1, (ends.keys.lazy.map(\.replicaID).max() ?? 0) + 1)
        let id = id ?? (bug == .repeatReplicaIDs ? next : least)
        replicas[id] = Registration(heartbeatAt: now, timeline: timeline, startedAt: now)
        pasts[id] = past
        return id
    }

    private func heartbeat(_ replicaID: Int64, _ version: Int64, _ last: Timestamp?) -> HeartbeatQueue.Answer {
        guard let replica = replicas[replicaID] else { return .restored }
        if let last, replica.heartbeatAt < last, bug != .goOnAfterRestore { return .restored }
        guard replica.state == .live else { return .gone }
        replicas[replicaID]!.heartbeatAt = now
        replicas[replicaID]!.configurationVersion = version
        return .acknowledged(
            ReplicaRegistry.HeartbeatReply(
                configurationVersion: configuration.version, isOnNewTimeline: replica.timeline != timeline,
                recordedAt: now))
    }

    /// Carries out one portion, as `ReplicaRegistry.deregister` does. Few holds and leases are a portion.
    func deregister(_ handover: ReplicaRegistry.Handover) -> ReplicaRegistry.Handover? {
        if !handover.holds.isEmpty {
            for (hold, left) in handover.holds {
                handedOver[hold.id] = (hold, Timestamp(microseconds: now.microseconds + left))
            }
            return handover.withoutHolds(handover.holds.count)
        }
        guard handover.releasedUpTo != nil else {
            if replicas[handover.replicaID]?.state == .live {
                replicas[handover.replicaID]!.state = .drained
                replicas[handover.replicaID]!.heartbeatAt = now
            }
            return handover.released(upTo: 0)
        }
        let held = Dictionary(uniqueKeysWithValues: handover.held.map { ($0.windowID, $0.amount) })
        for (key, lease) in leases where key.replicaID == handover.replicaID {
            let kept = bug == .returnHandedOverMoney ? 0 : min(lease.amount, held[key.windowID] ?? 0)
            if lease.amount > kept { change(key, by: kept - lease.amount) }
        }
        collectCharges()
        return nil
    }

    private func updates(
        of replicaID: Int64, _ after: Timestamp, looksForRevocations: Bool
    ) -> ReplicaRegistry.RemoteUpdates {
        var updates = ReplicaRegistry.RemoteUpdates(until: after)
        let since = after.adding(seconds: -30)
        for (id, end) in ends where id.replicaID == replicaID && end.endedBy != replicaID && end.endedAt > since {
            updates.ended.append(.init(number: id.number, how: end.how))
            updates.until = max(updates.until, end.endedAt)
        }
        updates.ended.sort { $0.number < $1.number }
        for (id, more) in extensions where id.replicaID == replicaID && more.extendedAt > since {
            let left = more.expiresAt.microseconds - now.microseconds
            updates.extended.append(.init(number: id.number, microseconds: left))
            updates.until = max(updates.until, more.extendedAt)
        }
        updates.extended.sort { $0.number < $1.number }
        guard looksForRevocations else { return updates }
        for (key, lease) in leases
        where bug != .ignoreRevocations && key.replicaID == replicaID && lease.amount > 0
            && lease.revocation < windows[key.windowID]!.revocation
        {
            updates.revoked.insert(key.windowID)
        }
        return updates
    }

    /// Does what maintenance does, and returns the handed-over holds that have expired without an end. `clock`: the time
    /// on the wall clock of the replica that has it done, which must not matter.
    func maintain(_ clock: Timestamp) -> [Hold] {
        collectCharges()
        expireSlots(of: slots.keys.sorted())
        endBoosts()
        carryOver()
        reclaim(at: bug == .reclaimByReplicaClock ? clock : now)
        handedOver = handedOver.filter { ends[$0.key] == nil }
        return handedOver.values.filter { $0.expiresAt <= now && microsecondsLeft(of: $0.hold.id) == nil }.map(\.hold)
            .sorted { $0.id < $1.id }
    }

    private func reclaim(at now: Timestamp) {
        let isEarly = bug == .reclaimEarly
        for (id, replica) in replicas where replica.state == .live {
            let isGone = isEarly ? replica.heartbeatAt < now.adding(seconds: -3) : isSilent(replica, at: now)
            if isGone { replicas[id]!.state = .gone }
        }
        for (key, lease) in leases where lease.amount > 0 && replicas[key.replicaID]!.state != .live {
            let returnsAt = isEarly ? replicas[key.replicaID]!.heartbeatAt.adding(seconds: 3) : returnsAt(key, lease)
            guard returnsAt < now else { continue }
            change(key, by: -lease.amount)
            reclaimed.insert(key.replicaID)
        }
    }

    /// How many replicas may still act on an older configuration.
    var replicasBehind: Int {
        replicas.values.filter {
            $0.state == .live && !isSilent($0, at: now) && $0.configurationVersion < configuration.version
        }.count
    }

    /// As `ReplicaRegistry.isSilent` says it.
    private func isSilent(_ replica: Registration, at now: Timestamp) -> Bool {
        let silentSince = now.adding(seconds: -(ReplicaRegistry.leaseSeconds + ReplicaRegistry.driftSeconds))
        guard replica.heartbeatAt < silentSince else { return false }
        if bug == .trustLostHeartbeats { return true }
        let isRestartLong = restartedAt.map { $0 < silentSince } ?? true
        return isRestartLong
            && (replica.timeline == timeline
                || replicas.values.contains { $0.timeline == timeline && $0.startedAt < silentSince })
    }
}
