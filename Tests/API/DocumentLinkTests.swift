import Foundation
import Testing

/// Links of the pages to each other, and to places in them.
@Suite("A link in the documentation") struct DocumentLinkTests {
    private static let pages: [String] =
        ["README.md", "CHANGELOG.md"]
        + ((try? FileManager.default.contentsOfDirectory(atPath: PurserBinary.repository + "/docs")) ?? [])
        .filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }.sorted()

    private static func text(_ page: String) throws -> String {
        try String(contentsOfFile: "\(PurserBinary.repository)/\(page)", encoding: .utf8)
    }

    /// What the links of headings are called, and places that have a name.
    private static func places(_ text: String) -> Set<String> {
        var places: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("#") {
            let title = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
            places.insert(
                String(
                    title.compactMap { character in
                        character == " "
                            ? "-"
                            : character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
                    }))
        }
        for match in text.matches(of: /<a id="([^"]+)">/) { places.insert(String(match.1)) }
        return places
    }

    @Test("leads to a file that is there, and to a place in it", arguments: pages)
    func leads(page: String) throws {
        let folder = page.contains("/") ? "docs/" : ""
        for match in try Self.text(page).matches(of: /\]\(([^)\s#]*)(?:#([^)\s]+))?\)/) {
            let path = String(match.1)
            if path.contains("://") { continue }
            let target =
                path.isEmpty ? page : URL(filePath: "/\(folder)\(path)").standardized.path.dropFirst().description
            #expect(
                FileManager.default.fileExists(atPath: "\(PurserBinary.repository)/\(target)"), "\(page): \(match.0)")
            guard let place = match.2, target.hasSuffix(".md") else { continue }
            #expect(try Self.places(Self.text(target)).contains(String(place)), "\(page): \(match.0)")
        }
    }
}
