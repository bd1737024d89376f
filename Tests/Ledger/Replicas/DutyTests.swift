import Accounting
import Testing

@testable import Ledger

@Suite("The duties of a replica") struct DutyTests {
    private static func moment(_ seconds: Int64) -> Moment {
        Moment(wall: Timestamp(seconds: seconds), monotonicNanoseconds: seconds * 1_000_000_000)
    }

    private static func core() -> ReplicaCore { ReplicaCore(AdmissionEngine(replicaID: 1, configuration: .empty)) }

    private static func kind(_ request: ControlQueue.Request) -> String {
        switch request {
        case .load: "load"
        case .deregister: "deregister"
        case .readUpdates: "updates"
        }
    }

    @Test("take turns: neither changes without end nor loads that fail keep the others waiting")
    func turns() {
        var core = Self.core()
        var asked: [String] = []
        for second in 0..<20 {
            // Somebody changes the configuration all the time, and this replica cannot load it.
            core.loadConfigurationNow()
            while let request = core.nextControl(at: Self.moment(Int64(second))) {
                asked.append(Self.kind(request))
                if case .readUpdates(_, let after, _) = request {
                    core.took(
                        ControlQueue.Answer.updates(ReplicaRegistry.RemoteUpdates(until: after)),
                        at: Self.moment(Int64(second)))
                } else {
                    core.took(ControlQueue.Answer.failed, at: Self.moment(Int64(second)))
                }
            }
        }
        #expect(asked.count { $0 == "updates" } == 10)
        #expect(asked.count { $0 == "load" } >= 10)
        #expect(core.control.failedLoads >= 10)
    }

    @Test("never delay a heartbeat, whatever the others wait for") func heartbeats() {
        var core = Self.core()
        _ = core.nextControl(at: Self.moment(0))
        var beats = 0
        for second in 0..<20 {
            guard let request = core.nextHeartbeat(at: Self.moment(Int64(second))) else { continue }
            guard case .heartbeat = request else { continue }
            beats += 1
            let reply = ReplicaRegistry.HeartbeatReply(
                configurationVersion: 0, isOnNewTimeline: false, recordedAt: Timestamp(seconds: Int64(second)))
            core.took(HeartbeatQueue.Answer.acknowledged(reply), at: Self.moment(Int64(second)))
            #expect(core.maySpend(at: Self.moment(Int64(second))))
        }
        #expect(beats == 10)
    }

    @Test("begin anew with a whole configuration, and hand the former holds over in portions") func anew() {
        var core = Self.core()
        _ = core.nextHeartbeat(at: Self.moment(0))
        core.took(HeartbeatQueue.Answer.gone, at: Self.moment(0))
        guard case .register? = core.nextHeartbeat(at: Self.moment(0)) else {
            Issue.record("it did not register anew")
            return
        }
        core.took(HeartbeatQueue.Answer.registered(replicaID: 2), at: Self.moment(0))
        #expect(core.replicaID == 2)
        // It reports no version until it has loaded what is there now: that may have another past.
        #expect(core.configurationVersionInForce == 0)
        var asked: [String] = []
        while let request = core.nextControl(at: Self.moment(0)) {
            asked.append(Self.kind(request))
            switch request {
            case .load(let replicaID, let isWhole):
                #expect(replicaID == 2 && isWhole)
                core.took(ControlQueue.Answer.loaded(.empty, []), at: Self.moment(0))
            case .deregister(let handover):
                #expect(handover.replicaID == 1)
                let rest = handover.releasedUpTo == nil ? handover.released(upTo: 0) : nil
                core.took(ControlQueue.Answer.deregistered(rest), at: Self.moment(0))
            case .readUpdates(_, let after, _):
                core.took(ControlQueue.Answer.updates(ReplicaRegistry.RemoteUpdates(until: after)), at: Self.moment(0))
            }
        }
        #expect(asked.sorted() == ["deregister", "deregister", "load", "updates"])
    }
}
