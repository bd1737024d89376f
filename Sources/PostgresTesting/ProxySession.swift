import Glibc
import Postgres

/// One connection through the proxy: a thread for each direction.
final class ProxySession: Sendable {
    private struct State {
        var isSilent = false
        var isCut = false
        /// The open sockets.
        var sockets: [Int32]
        /// Statements the client has prepared, by name.
        var prepared: [String: String] = [:]
        /// The statements that the current transaction has sent.
        var texts: [String] = []
        var commitIsUnderWay = false

        /// Notes a statement. If it is `COMMIT`, returns the statements of its transaction.
        mutating func note(_ text: String) -> [String]? {
            if text.hasPrefix("BEGIN") { texts = [] }
            texts.append(text)
            commitIsUnderWay = text == "COMMIT"
            return commitIsUnderWay ? texts : nil
        }
    }

    private let client: Int32
    private let state: Monitor<State>
    /// How to break the connection at this moment of a transaction that sent these statements; nil to leave it alone.
    private let fault: @Sendable (ProtocolProxy.Moment, [String]) -> ProtocolProxy.Way?

    init(client: Int32, fault: @escaping @Sendable (ProtocolProxy.Moment, [String]) -> ProtocolProxy.Way?) {
        self.client = client
        state = Monitor(State(sockets: [client]))
        self.fault = fault
    }

    func start(serverPath: String) {
        _ = DedicatedThread(name: "proxy-session") { [self] in
            if let server = LoopbackSocket.connect(to: serverPath) {
                let isCut = state.withLock { state in
                    state.sockets.append(server)
                    return state.isCut
                }
                if isCut { cut() }
                let answers = DedicatedThread(name: "proxy-answers") { [self] in
                    pump(from: server, to: client, ProtocolFrames(startsWithType: true), answered)
                }
                pump(from: client, to: server, ProtocolFrames(startsWithType: false), sent)
                answers.join()
            }
            state.withLock { state in
                for socket in state.sockets { Glibc.close(socket) }
                state.sockets = []
            }
        }
    }

    func silence() { state.withLock { $0.isSilent = true } }

    func cut() {
        state.withLock { state in
            state.isCut = true
            for socket in state.sockets { LoopbackSocket.shutDown(socket) }
        }
    }

    /// Passes on message by message until either side ends.
    private func pump(
        from source: Int32, to destination: Int32, _ start: ProtocolFrames,
        _ look: (ProtocolFrames.Message) -> ProtocolProxy.Way?
    ) {
        var frames = start
        while let bytes = LoopbackSocket.read(source) {
            frames.append(bytes)
            while let message = frames.next() {
                if state.withLock({ $0.isSilent }) { continue }
                switch look(message) {
                case nil: LoopbackSocket.write(message.bytes, to: destination)
                case .cut: cut()
                case .silence: silence()
                }
            }
        }
        // A silenced side must not notice that the other side has gone, so the connection stays open.
        if !state.withLock({ $0.isSilent }) { cut() }
    }

    private func sent(_ message: ProtocolFrames.Message) -> ProtocolProxy.Way? {
        let texts = state.withLock { state -> [String]? in
            switch message.type {
            case "P":
                let (name, next) = message.text()
                state.prepared[name] = message.text(at: next).0
            case "B":
                let (_, next) = message.text()
                return state.note(state.prepared[message.text(at: next).0] ?? "")
            case "Q": return state.note(message.text().0)
            default: break
            }
            return nil
        }
        return texts.flatMap { fault(.beforeCommit, $0) }
    }

    private func answered(_ message: ProtocolFrames.Message) -> ProtocolProxy.Way? {
        let texts = state.withLock { state -> [String]? in
            guard state.commitIsUnderWay, message.type == "C", message.text().0 == "COMMIT" else { return nil }
            return state.texts
        }
        return texts.flatMap { fault(.afterCommit, $0) }
    }
}
