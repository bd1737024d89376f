import Accounting
import Finance

/// The report `focus`.
struct FocusDownload {
    let month: CalendarMonth?
    let options: FocusOptions

    static let report = "focus"

    func write(to path: String?) async throws {
        let route = try Route("reports", Self.report).query("month", month?.description)
            .query("focus_version", options.focusVersion?.rawValue).query("dataset", options.dataset?.rawValue)
        try await Download(route: route).write(to: path)
    }
}
