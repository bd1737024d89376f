import JSON
import NIOCore

/// A `POST` that is answered on the event loop of its connection, with no task and no thread in between: its work is done
/// in memory, or goes on in a queue that calls back.
final class HotRoute: Sendable {
    let path: String
    let maximumBodyBytes: Int
    let series: RouteSeries
    /// Answers now or later, once, or throws what is wrong.
    let answer: @Sendable (JSONValue, Principal, HotReply) throws -> Void

    init(
        path: String, maximumBodyBytes: Int, series: RouteSeries,
        answer: @escaping @Sendable (JSONValue, Principal, HotReply) throws -> Void
    ) {
        self.path = path
        self.maximumBodyBytes = maximumBodyBytes
        self.series = series
        self.answer = answer
    }
}

/// Where a hot route's answer goes, from whatever thread.
struct HotReply: Sendable {
    private let handler: NIOLoopBound<HotRouteHandler>
    private let eventLoop: any EventLoop

    init(to handler: HotRouteHandler, on eventLoop: any EventLoop) {
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    /// `write` is called on the event loop, so that other threads do not spend their time on it.
    func callAsFunction(_ write: @escaping @Sendable () throws -> JSONWriter) {
        if eventLoop.inEventLoop {
            handler.value.answer(write)
        } else {
            eventLoop.execute { [handler] in handler.value.answerLate(write) }
        }
    }
}
