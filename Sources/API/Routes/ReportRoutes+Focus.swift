import Accounting
import Finance
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore

/// `/v1/reports/focus`: a month as the files of FOCUS.
extension ReportRoutes {
    func focus(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let current = server.configuration.accountingZone.day(at: server.replica.now().wall).month
        let month = try context.month(until: current) ?? current
        let datasets = FOCUSDataset.allCases.map(\.rawValue)
        let dataset =
            try context.query("dataset", "one of \(datasets.joined(separator: ", "))") {
                FOCUSDataset(rawValue: $0)
            } ?? .costAndUsage
        let versions = FOCUSVersion.allCases.map(\.rawValue)
        let version =
            try context.query("focus_version", "one of \(versions.joined(separator: ", "))") {
                FOCUSVersion(rawValue: $0)
            } ?? dataset.usualVersion
        guard dataset.isIn(version) else {
            throw Problem.query("focus_version", "must be 1.4: version 1.2 has no dataset \(dataset.rawValue)")
        }
        let account = server.billingAccount
        let export = try await server.database.read { connection in
            let file = try FOCUSFile(month: month, version: version, account: account, connection)
            return try FOCUSExport(file, connection)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/csv; charset=utf-8"],
            body: dataset == .costAndUsage ? rows(export) : invoices(dataset, export))
    }

    /// Read and sent portion by portion. Where one cannot be read, the answer is cut off, so that nobody takes it for whole.
    private func rows(_ export: FOCUSExport) -> ResponseBody {
        ResponseBody { [database = server.database] writer in
            try await writer.write(ByteBuffer(string: export.header))
            for portion in export.portions {
                let text = try await database.read { export.text(try export.charges(portion, $0)) }
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            }
            try await writer.finish(nil)
        }
    }

    private func invoices(_ dataset: FOCUSDataset, _ export: FOCUSExport) -> ResponseBody {
        ResponseBody { [database = server.database] writer in
            var invoices = FOCUSInvoices()
            for portion in export.portions {
                invoices.add(try await database.read { try export.charges(portion, $0) })
            }
            try await writer.write(ByteBuffer(string: invoices.text(dataset, export.file)))
            try await writer.finish(nil)
        }
    }
}
