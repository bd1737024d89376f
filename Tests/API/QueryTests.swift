import Foundation
import JSON
import Testing

/// Query parameters, on every route that the OpenAPI document describes.
@Suite struct QueryTests {
    private struct Route {
        let method: String
        /// With a value for each parameter in the path.
        let path: String
        let parameters: [String]
        let statuses: [String]
    }

    private static func routes(_ client: Client) async throws -> [Route] {
        let document = try await client.json("GET", "/openapi.json")
        let paths = try #require(document["paths"])
        return try paths.fields.flatMap { path, item -> [Route] in
            let filled = path.replacing(#/{[^}]*}/#, with: "1")
            return try item.fields.filter { $0.name != "parameters" }.map { method, operation in
                let parameters = try (operation["parameters"].map { Array($0.elements) } ?? []).map { parameter in
                    guard let reference = parameter["$ref"]?.string else { return parameter }
                    return try reference.dropFirst(2).split(separator: "/").reduce(document) {
                        let name = String($1)
                        return try #require($0.fields.first { $0.name == name }?.value)
                    }
                }
                return Route(
                    method: method.uppercased(), path: filled,
                    parameters: parameters.filter { $0["in"]?.string == "query" }.compactMap { $0["name"]?.string },
                    statuses: try #require(operation["responses"]).fields.map(\.name))
            }
        }
    }

    @Test("a parameter that a route does not know, or knows and gets twice, is refused by name and does nothing")
    func unknown() async throws {
        let admin = try await PurserServer.shared.admin
        let routes = try await Self.routes(admin)
        #expect(routes.count > 40)
        for route in routes {
            func send(_ query: String) async throws -> Reply {
                try await admin.send(
                    route.method, "\(route.path)?\(query)", ["PUT", "POST"].contains(route.method) ? "{}" : nil)
            }
            let reply = try await send("tema=search")
            try #require(reply.status == 422, "\(route.method) \(route.path): \(reply.text)")
            try reply.expectProblem(422, "invalid_fields", pointer: "/tema")
            #expect(route.statuses.contains("422"), "\(route.method) \(route.path)")
            // The document names the parameters that the route reads, and no other.
            let known = route.parameters.sorted().joined(separator: ", ")
            let told = try reply.json["detail"]?.string?.firstMatch(of: #/which takes ([a-zA-Z_:, ]*)\./#)?.1
            #expect(
                told?.split(separator: ", ").sorted().joined(separator: ", ") == (known.isEmpty ? "none" : known),
                "\(route.method) \(route.path)")
            for parameter in route.parameters {
                try await send("\(parameter)=&\(parameter)=")
                    .expectProblem(422, "invalid_fields", pointer: "/\(parameter)")
            }
        }
    }

    @Test("a team that there is not is told, wherever a listing or a report is asked for it")
    func unknownTeam() async throws {
        let admin = try await PurserServer.shared.admin
        let routes = try await Self.routes(admin).filter { $0.parameters.contains("team") }
        #expect(routes.count >= 6)
        for route in routes {
            let path = route.path.replacing("/reports/1", with: "/reports/monthly")
            try await admin.send(route.method, "\(path)?team=no-such-team")
                .expectProblem(422, "unknown_team", pointer: "/team")
        }
    }

    @Test("a month in the future has no report")
    func future() async throws {
        let admin = try await PurserServer.shared.admin
        let (year, month) = (ReportTests.month.prefix(4), ReportTests.month.suffix(2))
        let next = month == "12" ? "\(Int(year)! + 1)-01" : "\(year)-\(String(format: "%02d", Int(month)! + 1))"
        for report in ["monthly", "budgets", "invoice"] {
            try await admin.send("GET", "/v1/reports/\(report)?month=\(next)")
                .expectProblem(422, "invalid_fields", pointer: "/month")
            #expect(try await admin.send("GET", "/v1/reports/\(report)?month=\(ReportTests.month)").status == 200)
        }
    }
}
