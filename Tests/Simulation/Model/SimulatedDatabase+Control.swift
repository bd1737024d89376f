import Accounting
import Ledger

extension SimulatedDatabase {
    /// Answers the requests that `ReplicaControl` sends to PostgreSQL.
    func answer(_ request: ControlQueue.Request) -> ControlQueue.Answer {
        switch request {
        case .heartbeat(let replicaID, let version): return .heartbeat(heartbeat(replicaID, version))
        case .load(let replicaID, let windowIDs):
            return .loaded(configuration, windowIDs.map { facts($0, for: replicaID) })
        case .register: return .registered(replicaID: register())
        case .deregister(let handover):
            deregister(handover)
            return .done
        case .readUpdates(let replicaID, let after): return .updates(updates(of: replicaID, after))
        case .maintain:
            reclaim()
            return .done
        }
    }

    func register() -> Int64 {
        let id = Int64(replicas.count + 1)
        replicas[id] = Registration(heartbeatAt: now, timeline: timeline)
        return id
    }

    private func heartbeat(_ replicaID: Int64, _ version: Int64) -> ReplicaRegistry.HeartbeatReply? {
        guard let replica = replicas[replicaID], replica.state == .live else { return nil }
        replicas[replicaID]!.heartbeatAt = now
        replicas[replicaID]!.configurationVersion = version
        return ReplicaRegistry.HeartbeatReply(
            configurationVersion: configuration.version, isOnNewTimeline: replica.timeline != timeline)
    }

    func deregister(_ handover: ReplicaRegistry.Handover) {
        if replicas[handover.replicaID]!.state == .live {
            replicas[handover.replicaID]!.state = .drained
            replicas[handover.replicaID]!.heartbeatAt = now
        }
        for hold in handover.holds { handedOver[hold.id] = hold }
        let held = handover.held
        for (key, lease) in leases where key.replicaID == handover.replicaID {
            let kept = min(lease.amount, held[key.windowID] ?? 0)
            if lease.amount > kept { change(key, by: kept - lease.amount) }
        }
    }

    private func updates(of replicaID: Int64, _ after: Timestamp) -> ReplicaRegistry.RemoteUpdates {
        var updates = ReplicaRegistry.RemoteUpdates(until: after)
        let since = after.adding(seconds: -30)
        for (id, end) in ends where id.replicaID == replicaID && end.endedBy != replicaID && end.endedAt > since {
            updates.ended.append(id.number)
            updates.until = max(updates.until, end.endedAt)
        }
        updates.ended.sort()
        for (key, lease) in leases
        where bug != .ignoreRevocations && key.replicaID == replicaID && lease.amount > 0
            && lease.revocation < windows[key.windowID]!.revocation
        {
            updates.revoked.insert(key.windowID)
        }
        handedOver = handedOver.filter { ends[$0.key] == nil }
        updates.expired = handedOver.values.filter { $0.expiresAt <= now }.sorted { $0.id < $1.id }
        return updates
    }

    func reclaim() {
        let isEarly = bug == .reclaimEarly
        for (id, replica) in replicas where replica.state == .live {
            let limit = isEarly ? 3 : ReplicaRegistry.leaseSeconds + ReplicaRegistry.driftSeconds
            if replica.heartbeatAt < now.adding(seconds: -limit) { replicas[id]!.state = .gone }
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
        let silentSince = now.adding(seconds: -(ReplicaRegistry.leaseSeconds + ReplicaRegistry.driftSeconds))
        return replicas.values.filter {
            $0.state == .live && $0.heartbeatAt > silentSince && $0.configurationVersion < configuration.version
        }.count
    }
}
