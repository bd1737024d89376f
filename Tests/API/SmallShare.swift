import Foundation

/// The files that a server reads, with the prices of a few providers. A server of a test's own is ready in a fraction of the
/// time that the debug build needs for the whole price book, which the shared server has.
enum SmallShare {
    private static let providers = ["anthropic", "google", "groq", "openai"]

    /// Kept until the tests end, since servers read it whenever they start.
    private static let directory = Result {
        let directory = try ScratchDirectory()
        let files = FileManager.default
        for name in ["docs", "migrations", "reports"] { try link(name, in: directory) }
        try files.createDirectory(atPath: "\(directory.path)/pricing", withIntermediateDirectories: false)
        for name in try files.contentsOfDirectory(atPath: "\(PurserBinary.share)/pricing")
        where providers.contains(where: { name == "\($0).yaml" }) || name == "RELEASE" {
            try link("pricing/\(name)", in: directory)
        }
        atexit { SmallShare.remove() }
        return directory
    }

    static var path: String { (try? directory.get().path) ?? PurserBinary.share }

    private static func link(_ name: String, in directory: ScratchDirectory) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(directory.path)/\(name)", withDestinationPath: "\(PurserBinary.share)/\(name)")
    }

    private static func remove() { try? directory.get().remove() }
}
