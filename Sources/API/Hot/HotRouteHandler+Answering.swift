import HTTPTypes
import JSON
import Logging
import NIOCore
import NIOHTTP1

/// Handles one hot request, from its head to its answer.
extension HotRouteHandler {
    func begin(_ route: HotRoute, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = HotRequest(route, head)
        self.request = request
        isContinueOwed = request.expectsContinue
        let authorization = request.authorization
        let version = routes.access.configurationVersion
        if let principal = lastBearer.principal(of: authorization, version) {
            return identified(.success(principal))
        }
        do {
            if let caller = try routes.access.remembered(authorization) {
                lastBearer = LastBearer(authorization, version, caller)
                return identified(.success(caller.principal))
            }
        } catch {
            return identified(.failure(error))
        }
        stage = .identifying
        let this = NIOLoopBound(self, eventLoop: context.eventLoop)
        Task { [access = routes.access] in
            let found: Result<Principal, any Error>
            do { found = .success(try await access.caller(authorization).principal) } catch { found = .failure(error) }
            this.eventLoop.execute { this.value.wasLookedUp(found) }
        }
    }

    private func wasLookedUp(_ found: Result<Principal, any Error>) {
        guard case .identifying = stage else { return }
        identified(found.mapError { Problem($0, log: log) })
        goOn()
    }

    private func identified(_ found: Result<Principal, Problem>) {
        switch found {
        case .success(let principal):
            request?.principal = principal
            stage = .receiving
            refuseIfTooLarge()
            if case .receiving = stage { writeContinue() }
        case .failure(let problem):
            refuseEarly(problem)
        }
    }

    func refuseIfTooLarge() { if request?.isTooLarge == true { refuseEarly(.tooLarge) } }

    private func refuseEarly(_ problem: Problem) {
        stage = .discarding
        endWithoutContinue()
        send(problem)
    }

    /// Lets a client that asked first send the body of the present request.
    func writeContinue() {
        guard isContinueOwed else { return }
        isContinueOwed = false
        var line = wire.channel.allocator.buffer(capacity: 32)
        line.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        wire.write(NIOAny(IOData.byteBuffer(line)), promise: nil)
        hasUnflushed = true
    }

    /// A client that was not told to continue may send the body or not. So nothing behind it could be understood.
    func endWithoutContinue() {
        guard isContinueOwed else { return }
        isContinueOwed = false
        connectionEnd.takeNoFurtherRequest()
    }

    /// Answers a request whose rest does not come, or what came in place of one.
    func refuse(_ fault: RequestFault, _ context: ChannelHandlerContext) {
        switch stage {
        case .handedOn:
            // Its route finds the fault when it reads the body.
            context.fireErrorCaught(fault)
        case .idle, .receiving:
            stage = .ended
            send(fault.problem)
        case .identifying, .answering, .discarding, .ended:
            break
        }
    }

    /// Passes the complete request to its route.
    func answer(_ context: ChannelHandlerContext) {
        stage = .answering
        guard let whole = request else { return }
        // Drops this reference to the body, so that the buffer it was read into can be reused.
        request?.forgetBody()
        routes.answer(whole, HotReply(to: self, on: context.eventLoop))
    }

    /// Answers the request. An answer that is written during a read is flushed when that read completes.
    func answer(_ write: () throws -> JSONWriter) {
        guard case .answering = stage else { return }
        stage = .idle
        if whenClientLeft != nil { endClientWatch(hasLeft: false) }
        do {
            let body = try write().bytes
            send(.ok, body, request?.trace ?? RequestTrace())
        } catch {
            send(Problem(error, log: log))
        }
    }

    private var log: Logger { request.map { routes.log.of($0.trace) } ?? routes.log }

    /// Answers a request whose answer came after the read, then takes what has waited on the connection.
    func answerLate(_ write: () throws -> JSONWriter) {
        answer(write)
        goOn()
    }

    private func send(_ problem: Problem) {
        var writer = JSONWriter()
        problem.write(to: &writer)
        let trace = request?.trace ?? RequestTrace()
        routes.log.noteRefusal(problem.code, problem.detail, path: request?.route.path ?? "", trace)
        send(.problem(problem.code), writer.bytes, trace)
    }

    private func send(_ kind: ResponseHead.Kind, _ body: [UInt8], _ trace: RequestTrace) {
        let request = self.request
        self.request = nil
        let isLast = connectionEnd.beginLastAnswer()
        var buffer = wire.channel.allocator.buffer(capacity: ResponseHead.capacity + body.count)
        responseHead.write(kind, contentLength: body.count, trace, isLast: isLast, to: &buffer)
        buffer.writeBytes(body)
        wire.write(NIOAny(IOData.byteBuffer(buffer)), promise: nil)
        hasUnflushed = true
        let series = request?.route.series ?? routes.unrouted
        let now = NIODeadline.now()
        series.count(kind.status.code, nanoseconds: request.map { (now - $0.startedAt).nanoseconds } ?? 0)
        if isLast {
            stage = .ended
            waiting.removeAll()
        }
        connectionEnd.endAnswer(at: now)
    }
}
