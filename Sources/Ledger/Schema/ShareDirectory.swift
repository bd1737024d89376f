import Foundation

/// Where the files are that ship beside the program: `migrations/`, `pricing/`, `reports/`.
package struct ShareDirectory: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// `PURSER_SHARE` where it is set; else the nearest folder above the program that has them (a checkout); else the
    /// usual places of an installed program.
    package static func find(environment: [String: String], executable: String) throws(ShareError) -> ShareDirectory {
        if let named = environment["PURSER_SHARE"] {
            guard isShare(named) else { throw ShareError(looked: [named]) }
            return ShareDirectory(path: named)
        }
        var candidates: [String] = []
        var folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            candidates.append(folder.path)
            folder.deleteLastPathComponent()
        }
        candidates += ["/usr/local/share/purser", "/usr/share/purser"]
        guard let found = candidates.first(where: isShare) else { throw ShareError(looked: candidates) }
        return ShareDirectory(path: found)
    }

    private static func isShare(_ path: String) -> Bool {
        ["migrations", "pricing", "reports"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(path)/\($0)")
        }
    }

    /// The files of a folder with that ending, by name, with their text.
    package func files(in folder: String, ending: String) throws -> [(name: String, text: String)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
        return try names.filter { $0.hasSuffix(ending) }.sorted().map {
            ($0, try String(contentsOfFile: "\(path)/\(folder)/\($0)", encoding: .utf8))
        }
    }
}

package struct ShareError: Error, CustomStringConvertible {
    let looked: [String]

    package var description: String {
        "The folders migrations, pricing and reports were not found in \(looked.joined(separator: ", ")). "
            + "Set PURSER_SHARE to the folder that has them."
    }
}
