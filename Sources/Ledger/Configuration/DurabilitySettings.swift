import Postgres

/// The settings of the database that decide whether what was acknowledged survives a crash or a failover.
struct DurabilitySettings {
    var fsync = "on"
    var fullPageWrites = "on"
    var synchronousCommit = "on"
    /// Whether commits are to wait for a standby.
    var namesStandbys = false
    /// Whether a standby is connected.
    var hasStandby = false

    init() {}

    init(_ connection: Connection) throws {
        let names: String
        (fsync, fullPageWrites, synchronousCommit, names, hasStandby) = try connection.query(
            """
            SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
                current_setting('synchronous_standby_names'), EXISTS (SELECT 1 FROM pg_stat_replication)
            """)[0].decode((String, String, String, String, Bool).self)
        namesStandbys = !names.isEmpty
    }

    /// One sentence for each promise that these settings weaken.
    var warnings: [String] {
        var warnings: [String] = []
        if fsync == "off" || synchronousCommit == "off" {
            warnings.append(
                "PostgreSQL runs with fsync or synchronous_commit off: what is acknowledged may be lost in a crash.")
        }
        if fullPageWrites == "off" {
            warnings.append(
                "PostgreSQL runs with full_page_writes off: a crash may damage the ledger, unless its file system never "
                    + "writes a page in part.")
        }
        if namesStandbys, ["off", "local", "remote_write"].contains(synchronousCommit) {
            warnings.append(
                "synchronous_standby_names is set, but with synchronous_commit \(synchronousCommit) commits do not wait "
                    + "until a standby has them on disk: after a failover acknowledged entries may be missing.")
        } else if hasStandby, !namesStandbys {
            warnings.append("Replication is asynchronous: after a failover acknowledged entries may be missing.")
        }
        return warnings
    }
}
