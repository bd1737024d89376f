import JSON
import NIOCore

/// A `POST` route that answers on the event loop of its connection, without a task or another thread in between. Its
/// work is done in memory, or goes on in a queue that calls back.
final class HotRoute: Sendable {
    let path: String
    let maximumBodyBytes: Int
    let series: RouteSeries
    /// Whether the work that a body asks for is too long for an event loop.
    let isLong: @Sendable (JSONValue) -> Bool
    /// Answers exactly once, now or later, or throws an error.
    let answer: @Sendable (JSONValue, Principal, HotReply) throws -> Void

    init(
        path: String, maximumBodyBytes: Int, series: RouteSeries, isLong: @escaping @Sendable (JSONValue) -> Bool,
        answer: @escaping @Sendable (JSONValue, Principal, HotReply) throws -> Void
    ) {
        self.path = path
        self.maximumBodyBytes = maximumBodyBytes
        self.series = series
        self.isLong = isLong
        self.answer = answer
    }
}

/// Takes the answer of a hot route, on any thread, and sends it.
struct HotReply: Sendable {
    private let handler: NIOLoopBound<HotRouteHandler>
    private let eventLoop: any EventLoop

    init(to handler: HotRouteHandler, on eventLoop: any EventLoop) {
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    /// Runs `act` if the client goes away before the answer. A client that ends its side is asked once a second whether
    /// it still waits (`HotRouteHandler.probe`).
    func whenClientLeaves(_ act: @escaping @Sendable () -> Void) {
        eventLoop.execute { [handler] in handler.value.whenClientLeaves(act) }
    }

    /// Runs `write` on the event loop, so that the calling thread spends no time on it.
    func callAsFunction(_ write: @escaping @Sendable () throws -> JSONWriter) {
        if eventLoop.inEventLoop {
            handler.value.answer(write)
        } else {
            eventLoop.execute { [handler] in handler.value.answerLate(write) }
        }
    }
}
