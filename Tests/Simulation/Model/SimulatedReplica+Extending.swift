import Accounting
import Ledger

extension SimulatedReplica {
    /// Gives a hold more time, as `Replica.extend` does. `done` gets nil unless it has it.
    func extend(_ hold: Hold, seconds: Int64, _ done: @escaping (Int64?) -> Void) {
        let now = moment
        let mayExtend = isReachable && update { !$0.engine.isFenced(at: now) && !$0.engine.isOfAnotherPast(hold) }
        guard mayExtend else { return done(nil) }
        let epoch = epoch
        simulation.network.extend(hold, seconds: seconds) { [unowned self] left in
            deliver(epoch) { [unowned self] in
                if let left { update { $0.update { $0.extend(hold, byMicroseconds: left, at: moment) } } }
                done(left)
            }
        }
    }
}
