/// What the server allows its connections, so that no client keeps a connection or memory without end.
package struct ConnectionLimits: Sendable {
    /// How long a connection may stay open without a request, and how long a client may take none of its answer.
    package var idleSeconds: Int
    /// How long a request may take to arrive, from its first byte to its last. A large body has more time: a second
    /// for each `bodyBytesPerSecond`.
    package var requestSeconds: Int
    /// Further connections are refused.
    package var maximumConnections: Int

    package init(idleSeconds: Int, requestSeconds: Int, maximumConnections: Int) {
        self.idleSeconds = idleSeconds
        self.requestSeconds = requestSeconds
        self.maximumConnections = maximumConnections
    }

    static let bodyBytesPerSecond = 64 << 10

    /// The most bytes of a target and the names and values of all header fields together.
    static let maximumHeadBytes = 80 << 10
    static let maximumHeaderFields = 256

    /// The most bytes of a request that are not its body: the head with its separators, line ends before it, and what
    /// is around the chunks of a body. A chunk of one byte needs five bytes around it.
    static let maximumFramingBytes = 96 << 10
    static let framingBytesPerBodyByte = 8

    /// The most bytes of a body that are read after the request was answered. The connection stays usable that long.
    static let maximumDiscardedBytes = 16 << 20
}
