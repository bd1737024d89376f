import Glibc

extension PostgresCluster {
    /// The cluster's superuser, and the database that Purser uses.
    static let role = "purser"
    static let database = "purser"

    func prepare() throws(ClusterError) -> Prepared {
        // If this process is root, the server runs as another user, who must be able to enter the directory. What is
        // inside belongs to that user.
        try FileSystem.createDirectory(dataDirectory, mode: geteuid() == 0 ? 0o711 : 0o700)
        let lock = try DirectoryLock.hold(dataDirectory)
        let user = try ClusterUser.choose(clusterDirectory: clusterDirectory)
        try user.checkCanEnter(dataDirectory)
        let version = FileSystem.read("\(clusterDirectory)/PG_VERSION").flatMap { Int($0.trimmingTrailingNewlines) }
        let installation = try PostgresInstallation.find(version: version)
        if version == nil { try initialise(installation, user) }
        let socketDirectory = try SocketDirectory.prepare(dataDirectory: dataDirectory, for: user)
        return Prepared(lock: lock, installation: installation, user: user, socketDirectory: socketDirectory)
    }

    /// Makes the cluster under another name and renames it when it is complete, so that a half-made cluster never
    /// stands in its place.
    private func initialise(_ installation: PostgresInstallation, _ user: ClusterUser) throws(ClusterError) {
        let unfinished = "\(dataDirectory)/postgres.unfinished"
        FileSystem.removeTree(unfinished)
        try FileSystem.createDirectory(unfinished, mode: 0o700)
        try user.own(unfinished, mode: 0o700)
        // C.UTF-8 sorts by code point and knows the letters of Unicode. Every Debian has it; C exists everywhere.
        let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
        if let locale { freelocale(locale) }
        var command = try user.command(
            installation.path(of: "initdb"),
            [
                "--pgdata", unfinished, "--username", Self.role, "--encoding", "UTF8",
                "--locale", locale == nil ? "C" : "C.UTF-8", "--auth", "trust", "--data-checksums", "--no-instructions",
            ])
        command.workingDirectory = unfinished
        try command.output()
        try FileSystem.write(Self.configuration, to: "\(unfinished)/postgresql.conf", flags: O_APPEND)
        guard rename(unfinished, clusterDirectory) == 0 else { throw FileSystem.failure("create", clusterDirectory) }
    }

    /// Written once, when the cluster is made; the operator may change it. Settings that must not change are on the
    /// server's command line.
    private static let configuration = """

        # Purser's own settings. Those that Purser depends on are given at the start of the server and win over these.
        shared_buffers = 256MB
        max_connections = 50
        min_wal_size = 256MB
        max_wal_size = 2GB
        wal_compression = on
        checkpoint_timeout = 15min
        random_page_cost = 1.1
        timezone = 'UTC'
        log_timezone = 'UTC'
        # Errors of single statements are Purser's to report, and statements hold what people sent: neither is logged.
        log_min_messages = log
        log_min_error_statement = panic
        log_error_verbosity = terse
        log_checkpoints = off

        """

    func serverArguments(_ prepared: Prepared) -> [String] {
        let quotedSocket = SQL.quoted(identifier: prepared.socketDirectory)
        let fixed = [
            "listen_addresses": "", "port": "5432", "unix_socket_directories": quotedSocket,
            "unix_socket_permissions": "0700", "logging_collector": "off", "log_destination": "stderr",
            "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
        ]
        return fixed.merging(settings) { _, chosen in chosen }.sorted { $0.key < $1.key }
            .reduce(into: ["-D", clusterDirectory]) { arguments, setting in
                arguments += ["-c", "\(setting.key)=\(setting.value)"]
            }
    }

    func connectionString(_ prepared: Prepared, database: String) -> String {
        let host = prepared.socketDirectory.map { "\\'".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        return "host='\(host)' port=5432 user=\(Self.role) dbname=\(database)"
    }
}
