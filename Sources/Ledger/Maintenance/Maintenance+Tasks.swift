import Accounting
import Logging
import Postgres

extension Maintenance {
    /// The tasks of a replica. Holds that have expired in nobody's memory are ended by this replica's writer.
    static func tasks(_ core: LockedCore, _ holdTokens: HoldTokenCipher, _ log: Logger) -> [MaintenanceTask] {
        [
            MaintenanceTask("reclaim", every: .seconds(2)) { connection in
                try Reclaim.declareGone(connection)
                let reclaimed = try Reclaim.reclaim(connection)
                if reclaimed > 0 { log.notice("Leases were reclaimed", metadata: ["leases": "\(reclaimed)"]) }
                return MaintenanceTask.Portion(rows: reclaimed)
            },
            MaintenanceTask("stuck_batches", every: .seconds(2)) { connection in
                let ended = try StuckBatches.end(connection)
                if ended > 0 { log.warning("Ended the batches of silent replicas", metadata: ["batches": "\(ended)"]) }
                return MaintenanceTask.Portion(rows: ended)
            },
            MaintenanceTask("handed_over_holds", every: .seconds(2)) { connection in
                let expired = try HandedOverHolds.takeExpired(holdTokens, connection)
                guard !expired.isEmpty else { return MaintenanceTask.Portion(rows: 0) }
                core.withLock { $0.expire(expired, at: SystemClock.now()) }
                core.writerSignal.raise()
                return MaintenanceTask.Portion(rows: expired.count)
            },
            MaintenanceTask("budget_openings", every: .seconds(2)) { connection in
                let due = try BudgetOpening.due(connection)
                if due.isEmpty { return MaintenanceTask.Portion(rows: 0) }
                let configuration = core.withLock { $0.engine.configuration }
                for number in due { try BudgetOpening.finish(number, in: configuration, connection) }
                return MaintenanceTask.Portion(rows: due.count)
            },
            MaintenanceTask("scope_sums", every: .seconds(10)) { connection in
                let (entries, hasMore) = try ScopeSums.fold(connection)
                return MaintenanceTask.Portion(rows: Int(entries), hasMore: hasMore)
            },
            MaintenanceTask("months", every: .seconds(3600)) { connection in
                try ConfigurationStore.ensureMonths(connection)
                return MaintenanceTask.Portion(rows: 0)
            },
            MaintenanceTask("retention", every: .seconds(60)) { connection in
                let deleted = try Retention.purge(connection)
                return MaintenanceTask.Portion(rows: deleted, hasMore: deleted > 0)
            },
        ]
    }
}
