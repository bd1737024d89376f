import Foundation
import Testing

@testable import Ledger

@Suite struct ResourceDirectoryTests {
    @Test(
        "a program finds its data in a checkout above it, and in share/purser beside its bin",
        arguments: ["", "share/purser/"])
    func found(place: String) throws {
        let root = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("resources-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["bin", "\(place)migrations", "\(place)pricing", "\(place)reports"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        let found = try ResourceDirectory.find(environment: [:], executable: "\(root)/bin/purser")
        #expect(found.path + "/" == "\(root)/\(place)")
    }
}
