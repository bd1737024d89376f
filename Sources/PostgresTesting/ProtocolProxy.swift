import Glibc
import Postgres

/// A proxy on loopback that reads PostgreSQL's protocol and breaks connections at a chosen point of it.
///
///     let proxy = try ProtocolProxy(to: database.connectionString)
///     defer { proxy.close() }
///     proxy.breakNext(.afterCommit, ofTransactionsWith: "INSERT INTO ledger")
package final class ProtocolProxy: Sendable {
    package enum Moment: Sendable {
        /// The `COMMIT` never reaches the server.
        case beforeCommit
        /// The server executes the `COMMIT`, but its answer never reaches the client.
        case afterCommit
    }

    package enum Way: Sendable {
        case cut
        /// The connection stays open, but no more messages pass.
        case silence
    }

    struct Fault: Sendable {
        let moment: Moment
        let way: Way
        let text: String
    }

    private struct State {
        var fault: Fault?
        var brokenCount = 0
        var isSilent = false
        var isClosed = false
        var sessions: [ProxySession] = []
    }

    /// The connection string of the database through the proxy.
    package let connectionString: String
    package let port: UInt16
    private let listener: Int32
    private let state = Monitor(State())

    /// Blocks: asks the server, which must be running, for its Unix socket.
    package init(to connectionString: String) throws {
        let (directory, serverPort) = try Connection(connectionString: connectionString).query(
            "SELECT trim('\"' FROM current_setting('unix_socket_directories')), current_setting('port')")[0]
            .decode((String, String).self)
        (listener, port) = LoopbackSocket.listen()
        // If a keyword is given twice, libpq takes the last value.
        self.connectionString =
            "\(connectionString) host=127.0.0.1 port=\(port) sslmode=disable gssencmode=disable"
        _ = DedicatedThread(name: "proxy") { [listener, state] in
            while let client = LoopbackSocket.accept(listener) {
                Self.serve(client, "\(directory)/.s.PGSQL.\(serverPort)", state)
            }
            Glibc.close(listener)
        }
    }

    private static func serve(_ client: Int32, _ path: String, _ state: Monitor<State>) {
        let session = ProxySession(client: client) { moment, texts in
            state.withLock { state in
                guard let fault = state.fault, fault.moment == moment,
                    texts.contains(where: { $0.contains(fault.text) })
                else { return nil }
                state.fault = nil
                state.brokenCount += 1
                return fault.way
            }
        }
        let (isClosed, isSilent) = state.withLock { state in
            state.sessions.append(session)
            return (state.isClosed, state.isSilent)
        }
        if isSilent { session.silence() }
        if isClosed { session.cut() }
        session.start(serverPath: path)
    }

    /// Breaks one connection at the next commit of a transaction that sent a statement with `text` in it.
    package func breakNext(_ moment: Moment, by way: Way = .cut, ofTransactionsWith text: String) {
        state.withLock { $0.fault = Fault(moment: moment, way: way, text: text) }
    }

    /// How many connections were broken at a commit.
    package var brokenCount: Int { state.withLock(wake: .none) { $0.brokenCount } }

    /// Stops all messages, like a network that drops every packet: connections stay open and new ones are accepted, but
    /// nothing is answered.
    package func silence() {
        for session in state.withLock({ state in
            state.isSilent = true
            return state.sessions
        }) { session.silence() }
    }

    /// Passes messages of new connections again; silenced connections stay silent.
    package func resume() { state.withLock { $0.isSilent = false } }

    /// Cuts every connection.
    package func cutAll() { for session in state.withLock({ $0.sessions }) { session.cut() } }

    /// Cuts every connection and accepts no more.
    package func close() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        if wasClosed { return }
        LoopbackSocket.shutDown(listener)
        cutAll()
    }
}
