import ArgumentParser
import JSON

/// Names that a shell completes, as the server has them for the token that is set.
///
/// Where it cannot be asked within a second, nothing is completed and nothing is said: who presses Tab has no use for an error.
extension CompletionKind {
    static let budgets = names { try await $0.names("id", in: "budgets", Route("budgets")) }
    static let teams = names { try await $0.names("name", in: "teams", Route("teams")) }
    static let models = names { try await $0.names("model", in: "prices", Route("prices")) }
    static let reports = names { try await $0.names("name", in: "reports", Route("reports")) }

    private static func names(
        _ known: @escaping @Sendable (PurserClient) async throws -> Set<String>
    ) -> CompletionKind {
        .custom { _, _, prefix async in
            guard let names = try? await known(PurserClient()) else { return [] }
            // Bash expands what it is given as if it was typed.
            return names.filter { $0.hasPrefix(prefix) && (try? Name.checked($0)) != nil }.sorted()
        }
    }
}

extension PurserClient {
    fileprivate func names(_ field: String, in list: StaticString, _ route: Route) async throws -> Set<String> {
        Set(try await send("GET", route, timeoutSeconds: 2).objects(list).compactMap { $0.field(field)?.string })
    }
}
