import Accounting
import Hummingbird
import JSON
import Ledger
import Pricing

/// `GET /v1/prices/check`: what is wrong with the price book and with what is used of it, and how much of it is priced.
extension PriceRoutes {
    func check(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.readPrices)
        // A caller that may act for one team only must not learn what other teams use.
        let team = context.principal.team
        let isOfAll = try context.query("models", "used or all") { ["used": false, "all": true][$0] } ?? false
        let tellsCoverage = try context.query("coverage", "true or false") { Bool($0) } ?? false
        // The compiled book is at hand: every import is answered only once this server has it.
        let book = server.configuration.prices
        let (findings, coverage) = try await server.database.read {
            (
                try PriceFinding.all(team: team, ofAllModels: isOfAll, in: book, $0),
                tellsCoverage ? try PriceCoverage.read(team: team, $0) : nil
            )
        }
        return .json(capacity: 64 + findings.count * 256) {
            $0.name("findings")
            $0.array(findings) { $1.write(to: &$0) }
            if let coverage {
                $0.name("coverage")
                coverage.write(to: &$0)
            }
        }
    }
}

extension PriceFinding {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("kind", kind.rawValue)
            $0.field("model", model)
            $0.field("provider", provider)
            $0.field("detail", detail)
        }
    }
}

extension PriceCoverage {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("days", Self.days)
            calls.writeCalls(to: &$0)
            $0.name("providers")
            $0.array(providers) { writer, provider in
                writer.object {
                    $0.field("provider", provider.name.isEmpty ? nil : provider.name)
                    provider.calls.writeCalls(to: &$0)
                }
            }
            $0.priceBook(release)
            $0.name("sources")
            $0.array(release?.sources ?? []) { writer, source in
                writer.object {
                    $0.field("source", source.name)
                    $0.field("models", source.listedModels)
                    $0.field("priced_models", source.pricedModels)
                    $0.field("share", source.share.fraction?.description)
                }
            }
        }
    }
}

extension PricedShare {
    /// Writes the fields of a share of calls into an object.
    fileprivate func writeCalls(to writer: inout JSONWriter) {
        writer.field("calls", all)
        writer.field("priced_calls", priced)
        writer.field("share", fraction?.description)
    }
}
