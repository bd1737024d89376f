import HeapModule

/// The coming events in the order of time. Events of the same moment come in the order they were planned.
struct EventQueue {
    private struct Event: Comparable {
        let atMicroseconds: Int64
        let number: Int64
        let body: () -> Void

        static func == (left: Event, right: Event) -> Bool { left.number == right.number }
        static func < (left: Event, right: Event) -> Bool {
            (left.atMicroseconds, left.number) < (right.atMicroseconds, right.number)
        }
    }

    private var heap = Heap<Event>()
    private(set) var plannedCount: Int64 = 0

    mutating func plan(at microseconds: Int64, _ body: @escaping () -> Void) {
        plannedCount += 1
        heap.insert(Event(atMicroseconds: microseconds, number: plannedCount, body: body))
    }

    mutating func next() -> (atMicroseconds: Int64, body: () -> Void)? {
        heap.popMin().map { ($0.atMicroseconds, $0.body) }
    }
}
