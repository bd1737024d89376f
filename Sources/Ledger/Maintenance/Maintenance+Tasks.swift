import Accounting
import Logging
import Postgres

extension Maintenance {
    /// The tasks of a replica. Holds that have expired in nobody's memory are ended by this replica's writer.
    static func tasks(
        _ core: LockedCore, _ holdTokens: HoldTokenCipher, rawUsageDays: Int32, verdictLogDays: Int32,
        _ pricedCalls: PricedCalls, _ openRequests: OpenRequests, _ unsettledCalls: CountedCalls,
        _ openDisputes: CountedCalls,
        _ budgets: BudgetReading?, _ log: Logger
    ) -> [MaintenanceTask] {
        [
            MaintenanceTask("reclaim", every: .seconds(2)) { connection in
                try Reclaim.declareGone(connection)
                let reclaimed = try Reclaim.reclaim(connection)
                if reclaimed > 0 { log.notice("Leases were reclaimed", metadata: ["leases": "\(reclaimed)"]) }
                return MaintenanceTask.Portion(rows: reclaimed)
            },
            MaintenanceTask("charges", every: .seconds(1)) { connection in
                let windows = try ChargeCollection.collect(connection)
                return MaintenanceTask.Portion(rows: windows, hasMore: windows == ChargeCollection.windowsAPortion)
            },
            MaintenanceTask("window_slots", every: .seconds(5)) { connection in
                let windows = try WindowSlots.expireDue(connection)
                return MaintenanceTask.Portion(rows: windows, hasMore: windows == WindowSlots.windowsAPortion)
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
            MaintenanceTask("budget_changes", every: .seconds(1)) { try DueBudgetChanges.make(reading: budgets, $0) },
            MaintenanceTask("carry_over", every: .seconds(5)) { try CarryOver.make($0) },
            MaintenanceTask("next_windows", every: .seconds(30)) { connection in
                try NextWindows.open(core.withLock { $0.engine.configuration }, connection)
            },
            ScopeSums.fold.task("scope_sums", every: .seconds(10)),
            EstimateSums.fold.task("estimate_sums", every: .seconds(30)),
            DetailSums.fold.task("detail_sums", every: .seconds(15)),
            MeterSums.fold.task("meter_sums", every: .seconds(30)),
            MaintenanceTask("spending_profiles", every: .seconds(60)) { connection in
                try SpendingProfiles.workOut(
                    core.withLock { $0.engine.configuration }, at: SystemClock.wallTime(), connection)
            },
            MaintenanceTask("months", every: .seconds(3600)) { connection in
                try ConfigurationStore.ensureMonths(connection)
                return MaintenanceTask.Portion(rows: 0)
            },
            DailySumNames().task(log),
            pricedCalls.task,
            openRequests.task,
            unsettledCalls.task,
            openDisputes.task,
        ] + retention(rawUsageDays: rawUsageDays, verdictLogDays: verdictLogDays)
    }

    private static func retention(rawUsageDays: Int32, verdictLogDays: Int32) -> [MaintenanceTask] {
        let endedWindows = EndedWindowLeases()
        func task(
            _ name: String, every pause: Duration, _ delete: @escaping @Sendable (Connection) throws -> Int
        ) -> MaintenanceTask {
            MaintenanceTask(name, every: pause) { Retention.portion(try delete($0)) }
        }
        return [
            task("keys", every: .seconds(60), Retention.keys),
            task("hold_ends", every: .seconds(60), Retention.holdEnds),
            task("hold_extensions", every: .seconds(3600), Retention.holdExtensions),
            task("old_handed_over_holds", every: .seconds(3600), Retention.handedOverHolds),
            task("leases_of_ended_replicas", every: .seconds(60), Retention.leasesOfEndedReplicas),
            MaintenanceTask("leases_of_ended_windows", every: .seconds(300)) { try endedWindows.delete($0) },
            task("token_requests", every: .seconds(3600), Retention.tokenRequests),
            task("verdict_counts", every: .seconds(3600), Retention.verdictCounts),
            task("verdict_log", every: .seconds(60)) { try Retention.verdictPages(days: verdictLogDays, $0) },
            MaintenanceTask("windows", every: .seconds(3600)) { connection in
                let deleted = try Retention.windows(connection)
                return MaintenanceTask.Portion(rows: deleted, hasMore: deleted > 0)
            },
            MaintenanceTask("alerts", every: .seconds(3600)) { connection in
                let deleted = try AlertRetention.prune(connection)
                return MaintenanceTask.Portion(rows: deleted, hasMore: deleted > 0)
            },
            MaintenanceTask("raw_usage", every: .seconds(3600)) { connection in
                let isDropped = try Retention.rawUsage(days: rawUsageDays, connection)
                return MaintenanceTask.Portion(rows: isDropped ? 1 : 0, hasMore: isDropped)
            },
            MaintenanceTask("credit_days", every: .seconds(60)) { connection in
                let days = try CreditDays.keep(connection)
                return MaintenanceTask.Portion(rows: days, hasMore: days > 0)
            },
        ]
    }
}
