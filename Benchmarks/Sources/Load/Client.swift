/// One connection and the requests it sends, one at a time.
final class Client {
    let number: Int
    let socket: Socket
    private let plan: Plan
    private var calls = 0
    private var holds: [[UInt8]] = []
    private var step = Step.authorize
    private var request: [UInt8] = []
    private var startedAt: Int64 = 0
    /// The server answered 503 and did nothing. The client sends the same request again, as a router would; the latency
    /// counts from the first attempt.
    private var isRepeating = false

    init(_ number: Int, _ plan: Plan) {
        (self.number, self.plan) = (number, plan)
        socket = Socket(port: plan.ports[number % plan.ports.count])
    }

    /// Sends the next request, whose latency counts from `time`. Returns false if nothing is left to send.
    func send(from time: Int64) -> Bool {
        if !isRepeating {
            guard let next = nextStep(at: time) else { return false }
            (step, startedAt) = (next, time)
            write(step)
        }
        socket.send(request)
        return true
    }

    private func write(_ step: Step) {
        switch step {
        case .authorize:
            let index = plan.index(ofCall: calls, on: number)
            plan.texts.authorize(id: plan.id(of: index), user: index % plan.users, into: &request)
            calls += 1
        case .settle: plan.texts.settle(holds.removeLast(), into: &request)
        case .batch:
            plan.texts.settle(batch: holds, into: &request)
            holds.removeAll(keepingCapacity: true)
        case .usage:
            let ids = (0..<Traffic.eventsInBody).map { plan.id(of: plan.index(ofCall: calls + $0, on: number)) }
            plan.texts.usage(ids: ids, into: &request)
            calls += Traffic.eventsInBody
        }
    }

    private func nextStep(at time: Int64) -> Step? {
        switch plan.traffic {
        case .authorize: plan.callsPerConnection.map { calls < $0 } ?? true ? .authorize : nil
        case .pairs: holds.isEmpty ? .authorize : .settle
        case .batch: holds.count < Traffic.settlementsInBatch ? .authorize : .batch
        case .settle: time < plan.measuredFrom ? .authorize : holds.isEmpty ? nil : .settle
        case .usage: time < plan.lastSend ? .usage : nil
        }
    }

    /// Reads what has arrived. Returns true once the answer is complete.
    func receive(_ counts: inout Counts, _ trace: Trace?) -> Bool {
        socket.receive()
        guard let answer = Answer(socket.received) else { return false }
        let now = Clock.nanoseconds
        trace?.note(step, status: answer.status, dueAt: startedAt, answeredAt: now)
        isRepeating = answer.status == 503
        if isRepeating {
            counts.unavailable += 1
        } else if !step.isAnswered(by: answer) {
            counts.fail("\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        } else if plan.counts(step, at: now) {
            counts.add(step, nanoseconds: now - startedAt)
        }
        // Traffic of only `authorize` lets its holds expire.
        if step == .authorize, plan.traffic != .authorize, let hold = answer.holdID { holds.append(hold) }
        socket.clear()
        return true
    }
}
