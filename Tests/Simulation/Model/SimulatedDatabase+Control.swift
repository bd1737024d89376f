import Accounting
import Ledger

extension SimulatedDatabase {
    /// What `ReplicaControl` asks of PostgreSQL.
    func answer(_ request: ControlQueue.Request) -> ControlQueue.Answer {
        switch request {
        case .heartbeat(let replicaID, let version): return .pulse(heartbeat(replicaID, version))
        case .load(let replicaID, let windowIDs):
            return .loaded(configuration, windowIDs.map { facts($0, for: replicaID) })
        case .register: return .registered(replicaID: register())
        case .retire(let estate):
            retire(estate)
            return .done
        case .look(let replicaID, let after): return .looked(news(of: replicaID, after))
        case .tidy:
            reclaim()
            return .done
        }
    }

    func register() -> Int64 {
        let id = Int64(replicas.count + 1)
        replicas[id] = Registration(heartbeatAt: now, timeline: timeline)
        return id
    }

    private func heartbeat(_ replicaID: Int64, _ version: Int64) -> ReplicaRegistry.Pulse? {
        guard let replica = replicas[replicaID], replica.state == .live else { return nil }
        replicas[replicaID]!.heartbeatAt = now
        replicas[replicaID]!.configurationVersion = version
        return ReplicaRegistry.Pulse(
            configurationVersion: configuration.version, isOnNewTimeline: replica.timeline != timeline)
    }

    func retire(_ estate: ReplicaRegistry.Estate) {
        if replicas[estate.replicaID]!.state == .live {
            replicas[estate.replicaID]!.state = .drained
            replicas[estate.replicaID]!.heartbeatAt = now
        }
        for hold in estate.holds { handedOver[hold.id] = hold }
        let held = estate.held
        for (key, lease) in leases where key.replicaID == estate.replicaID {
            let kept = min(lease.amount, held[key.windowID] ?? 0)
            if lease.amount > kept { change(key, by: kept - lease.amount) }
        }
    }

    private func news(of replicaID: Int64, _ after: Timestamp) -> ReplicaRegistry.News {
        var news = ReplicaRegistry.News(until: after)
        let since = after.adding(seconds: -30)
        for (id, end) in ends where id.replicaID == replicaID && end.endedBy != replicaID && end.endedAt > since {
            news.ended.append(id.number)
            news.until = max(news.until, end.endedAt)
        }
        news.ended.sort()
        for (key, lease) in leases
        where bug != .ignoreRecalls && key.replicaID == replicaID && lease.amount > 0
            && lease.recall < windows[key.windowID]!.recall
        {
            news.recalled.insert(key.windowID)
        }
        handedOver = handedOver.filter { ends[$0.key] == nil }
        news.expired = handedOver.values.filter { $0.expiresAt <= now }.sorted { $0.id < $1.id }
        return news
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
