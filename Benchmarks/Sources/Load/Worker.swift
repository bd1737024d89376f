import CEpoll
import Glibc

/// One thread with its share of the connections.
struct Worker {
    private let plan: Plan
    private let clients: [Client]
    private let epoll = epoll_create1(0)
    private var counts = Counts()
    private let trace: Trace?

    init(_ plan: Plan, number: Int) {
        self.plan = plan
        trace = plan.trace.map(Trace.init)
        clients = stride(from: number, to: plan.connections, by: plan.threads).map { Client($0, plan) }
        for (index, client) in clients.enumerated() {
            var interest = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: UInt64(index)))
            epoll_ctl(epoll, EPOLL_CTL_ADD, client.socket.descriptor, &interest)
        }
        wake_precisely()
    }

    consuming func run() -> Counts {
        if let interval = plan.interval { keepSchedule(interval) } else { keepBusy() }
        trace?.flush()
        for client in clients { close(client.socket.descriptor) }
        close(epoll)
        return counts
    }

    /// Each connection sends as soon as it has its answer.
    private mutating func keepBusy() {
        var working = clients.count { $0.send(from: Clock.nanoseconds) }
        while working > 0, !isOver {
            for client in answered(before: nil) where !client.send(from: Clock.nanoseconds) { working -= 1 }
        }
    }

    /// Sends requests at fixed times, on any free connection. The latency of a request counts from the time it was due,
    /// also if it had to wait for a free connection.
    private mutating func keepSchedule(_ interval: Double) {
        var free = clients
        let start = Clock.nanoseconds
        var sent = 0
        while !isOver {
            let due = start + Int64(Double(sent) * interval)
            if !free.isEmpty, due <= Clock.nanoseconds {
                guard free.removeFirst().send(from: due) else { return }
                sent += 1
            } else {
                free += answered(before: free.isEmpty ? nil : due)
            }
        }
    }

    private var isOver: Bool { plan.end.map { Clock.nanoseconds > $0 } ?? false }

    /// Waits for answers, until `time` at the latest, and returns the clients whose answer is complete.
    private mutating func answered(before time: Int64?) -> [Client] {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        let wait = max(0, (time ?? .max) - Clock.nanoseconds)
        var timeout = timespec(tv_sec: 0, tv_nsec: Int(min(wait, 100_000_000)))
        let count = epoll_pwait2(epoll, &events, Int32(events.count), &timeout, nil)
        return events.prefix(max(0, Int(count))).compactMap { event in
            let client = clients[Int(event.data.u64)]
            return client.receive(&counts, trace) ? client : nil
        }
    }
}
