import Glibc

/// The programs of one PostgreSQL version on this machine.
package struct PostgresInstallation: Hashable {
    let binaryDirectory: String
    let majorVersion: Int

    static let minimumVersion = 14

    /// The newest installation, or the one of the given version, which a data directory was made by.
    package static func find(version: Int?) throws(ClusterError) -> PostgresInstallation {
        let all = installed()
        guard let newest = all.first else { throw .notInstalled }
        guard let version else { return newest }
        guard let match = all.first(where: { $0.majorVersion == version }) else {
            throw .versionMissing(needed: version, installed: all.map(\.majorVersion))
        }
        return match
    }

    package func path(of program: String) -> String { "\(binaryDirectory)/\(program)" }

    /// All usable installations, newest first.
    private static func installed() -> [PostgresInstallation] {
        let debian = FileSystem.entries(of: "/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
        let redHat = FileSystem.entries(of: "/usr").filter { $0.hasPrefix("pgsql-") }.map { "/usr/\($0)/bin" }
        let directories = debian + redHat + [binaryDirectoryOfPath()].compactMap { $0 }
        var byVersion: [Int: PostgresInstallation] = [:]
        for directory in directories {
            guard FileSystem.isExecutable("\(directory)/initdb"), let version = version(of: directory),
                version >= minimumVersion, byVersion[version] == nil
            else { continue }
            byVersion[version] = PostgresInstallation(binaryDirectory: directory, majorVersion: version)
        }
        return byVersion.values.sorted { $0.majorVersion > $1.majorVersion }
    }

    private static func binaryDirectoryOfPath() -> String? {
        guard let program = Command.find("pg_config") else { return nil }
        let result = try? Command(program, ["--bindir"]).output()
        return result?.trimmingTrailingNewlines
    }

    /// `postgres --version` says `postgres (PostgreSQL) 15.4 (Debian 15.4-1)`.
    private static func version(of directory: String) -> Int? {
        guard let output = try? Command("\(directory)/postgres", ["--version"]).output(),
            let number = output.split(separator: " ").first(where: { $0.first?.isNumber == true })
        else { return nil }
        return Int(number.prefix { $0.isNumber })
    }
}
