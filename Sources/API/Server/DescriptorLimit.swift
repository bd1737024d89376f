import Glibc

/// How many files the process may have open; each connection is one.
enum DescriptorLimit {
    /// Sessions of PostgreSQL, alerts that are delivered, connections that are being refused, files.
    private static let others = 512

    /// Raises the process's own limit so that `connections` fit, as far as the system allows. Returns how many fit.
    static func makeRoom(for connections: Int) -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return connections }
        let needed = rlim_t(connections + others)
        if limit.rlim_cur < needed {
            limit.rlim_cur = min(needed, limit.rlim_max)
            guard setrlimit(resource, &limit) == 0, getrlimit(resource, &limit) == 0 else { return connections }
        }
        return limit.rlim_cur >= needed ? connections : max(1, Int(limit.rlim_cur) - others)
    }
}
