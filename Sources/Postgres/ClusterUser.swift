import Glibc

/// The operating-system user that PostgreSQL runs as. PostgreSQL refuses to run as root.
package struct ClusterUser: Hashable {
    let name: String
    let userID: uid_t
    let groupID: gid_t

    /// Chooses the user of this process. If that is root, chooses the owner of an existing cluster, else `postgres`,
    /// else `nobody`.
    package static func choose(clusterDirectory: String) throws(ClusterError) -> ClusterUser {
        let owner = FileSystem.status(of: clusterDirectory)?.st_uid
        guard geteuid() == 0 else {
            if let owner, owner != geteuid() { throw .wrongOwner(directory: clusterDirectory, ownerUserID: owner) }
            return ClusterUser(name: "\(geteuid())", userID: geteuid(), groupID: getegid())
        }
        if let owner, owner != 0, let entry = getpwuid(owner) { return ClusterUser(entry.pointee) }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name), entry.pointee.pw_uid != 0 { return ClusterUser(entry.pointee) }
        }
        throw .programMissing("postgres (as a user to run it)")
    }

    init(name: String, userID: uid_t, groupID: gid_t) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
    }

    private init(_ entry: passwd) {
        self.init(name: String(cString: entry.pw_name), userID: entry.pw_uid, groupID: entry.pw_gid)
    }

    private var isSomeoneElse: Bool { userID != geteuid() }

    /// The command, to be run as this user. With `endsWithUs`, the kernel sends it SIGINT when the thread that spawned
    /// it ends.
    package func command(
        _ path: String, _ arguments: [String], endsWithUs: Bool = false
    ) throws(ClusterError) -> Command {
        guard isSomeoneElse || endsWithUs else { return Command(path, arguments) }
        guard let setpriv = Command.find("setpriv") else { throw .programMissing("setpriv (of util-linux)") }
        var options: [String] = []
        if isSomeoneElse { options += ["--reuid", "\(userID)", "--regid", "\(groupID)", "--clear-groups"] }
        if endsWithUs { options += ["--pdeathsig", "INT"] }
        return Command(setpriv, options + ["--", path] + arguments)
    }

    /// Makes this user the owner of a file or directory, and sets its mode.
    package func own(_ path: String, mode: mode_t) throws(ClusterError) {
        if isSomeoneElse, lchown(path, userID, groupID) != 0 { throw FileSystem.failure("change the owner of", path) }
        guard chmod(path, mode) == 0 else { throw FileSystem.failure("change the mode of", path) }
    }

    /// Checks that this user can enter a directory and each one above it.
    func checkCanEnter(_ directory: String) throws(ClusterError) {
        guard isSomeoneElse else { return }
        var parents = ["/"]
        for name in directory.split(separator: "/") {
            parents.append((parents.last == "/" ? "" : parents[parents.count - 1]) + "/" + name)
        }
        for path in parents {
            guard let status = FileSystem.status(of: path) else { throw FileSystem.failure("read", path) }
            let needed = status.st_uid == userID ? S_IXUSR : status.st_gid == groupID ? S_IXGRP : S_IXOTH
            guard status.st_mode & needed != 0 else { throw .unreachable(directory: path, user: self.name) }
        }
    }

}
