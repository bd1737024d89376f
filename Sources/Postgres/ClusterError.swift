/// Why the embedded PostgreSQL could not be started or stopped, for the person who starts it.
package enum ClusterError: Error, Hashable, Sendable {
    case notInstalled
    case versionMissing(needed: Int, installed: [Int])
    case held(directory: String, processID: Int32?)
    case unreachable(directory: String, user: String)
    case wrongOwner(directory: String, ownerUserID: UInt32)
    case file(path: String, action: String, reason: String)
    case programMissing(String)
    case programFailed(program: String, output: String)
    case serverFailed(log: String)
    case serverSilent(seconds: Int64, log: String)
    case stillRunning(directory: String)
    case database(PostgresError.Kind, details: String)
    case stopped
}

extension ClusterError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInstalled:
            """
            no PostgreSQL \(PostgresInstallation.minimumVersion) or later was found to run; \
            install one (Debian: apt-get install postgresql) or give the URL of a database
            """
        case .versionMissing(let needed, let installed):
            """
            the data directory was made by PostgreSQL \(needed), which is not installed \
            (found: \(installed.map(String.init).joined(separator: ", ")))
            """
        case .held(let directory, let processID):
            """
            the data directory \(directory) is in use by \
            \(processID.map { "process \($0)" } ?? "another process")
            """
        case .unreachable(let directory, let user):
            """
            PostgreSQL does not run as root, and the user \(user), as whom it would run, cannot enter \(directory); \
            choose another data directory or allow it with chmod o+x
            """
        case .wrongOwner(let directory, let ownerUserID):
            "\(directory) belongs to the user with id \(ownerUserID): run as that user or as root"
        case .file(let path, let action, let reason): "cannot \(action) \(path): \(reason)"
        case .programMissing(let program): "the program \(program) is missing"
        case .programFailed(let program, let output): "\(program) failed: \(output)"
        case .serverFailed(let log): "PostgreSQL did not start; the end of its log: \(log)"
        case .serverSilent(let seconds, let log):
            "PostgreSQL was not ready after \(seconds) seconds; the end of its log: \(log)"
        case .stillRunning(let directory): "an earlier PostgreSQL in \(directory) does not end"
        case .database(_, let details): "the embedded database could not be prepared: \(details)"
        case .stopped: "the embedded PostgreSQL is being stopped"
        }
    }
}
