import CBuild

/// Which Purser this is.
package enum Build {
    private static let release = "0.1.0"

    /// `0.1.0+d46853e` where `make` built it, from that commit; `0.1.0` where nobody told the build its commit.
    package static let version: String = {
        let commit = String(cString: purser_commit())
        return commit.isEmpty ? release : "\(release)+\(commit)"
    }()
}
