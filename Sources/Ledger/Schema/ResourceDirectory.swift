import Foundation

/// The folder with the files that ship beside the program: `migrations/`, `pricing/`, `reports/`.
package struct ResourceDirectory: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// Takes `PURSER_SHARE` if it is set. Otherwise takes the nearest folder above the program that has the files (a
    /// checkout) or has them in `share/purser` (an installed program), or else one of the usual places.
    package static func find(environment: [String: String], executable: String) throws(ResourceError)
        -> ResourceDirectory
    {
        if let named = environment["PURSER_SHARE"] {
            guard hasResources(named) else { throw ResourceError(looked: [named]) }
            return ResourceDirectory(path: named)
        }
        var candidates: [String] = []
        var folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            candidates += [folder.path, "\(folder.path)/share/purser"]
            folder.deleteLastPathComponent()
        }
        candidates += ["/usr/local/share/purser", "/usr/share/purser"]
        guard let found = candidates.first(where: hasResources) else { throw ResourceError(looked: candidates) }
        return ResourceDirectory(path: found)
    }

    private static func hasResources(_ path: String) -> Bool {
        ["migrations", "pricing", "reports"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(path)/\($0)")
        }
    }

    /// The name and text of each file in `folder` with this ending, sorted by name.
    package func files(in folder: String, ending: String) throws -> [(name: String, text: String)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
        return try names.filter { $0.hasSuffix(ending) }.sorted().map {
            ($0, try String(contentsOfFile: "\(path)/\(folder)/\($0)", encoding: .utf8))
        }
    }
}

package struct ResourceError: Error, CustomStringConvertible {
    let looked: [String]

    package var description: String {
        "The folders migrations, pricing and reports were not found in \(looked.joined(separator: ", ")). "
            + "Set PURSER_SHARE to the folder that has them."
    }
}
