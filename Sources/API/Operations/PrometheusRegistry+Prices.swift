import Accounting
import Ledger

extension PrometheusRegistry {
    /// What calls wait for somebody to look at them. Only the server that does the maintenance counts.
    func observeCalls(of replica: Replica) {
        observe("purser_disputed") { replica.disputedCount }
        observe("purser_unsettled") { replica.unsettledCount }
    }

    private func observe(_ name: String, _ count: @escaping @Sendable () -> CountedCalls.Count?) {
        observeAny(.gauge, "\(name)_calls") { count().map { [Labelled(.count($0.calls))] } ?? [] }
        observeAny(.gauge, "\(name)_usd") { count().map { [Labelled(.money($0.amount))] } ?? [] }
    }

    /// The release of the price book changes while the server runs, and so do the labels that name it.
    func observePrices(of replica: Replica) {
        observeAny(.gauge, "purser_price_book_info") {
            guard let release = replica.configuration.prices.release else { return [] }
            let labels = [("version", release.version), ("date", release.date.description)]
            return [Labelled(labels, .count(1))]
        }
        observeAny(.gauge, "purser_price_book_date_seconds") {
            guard let release = replica.configuration.prices.release else { return [] }
            return [Labelled(.count(release.date.startUTC.seconds))]
        }
        observeAny(.gauge, "purser_priced_calls_ratio") {
            guard let calls = replica.pricedCallShare else { return [] }
            return [Labelled(.share(Double(calls.priced) / Double(calls.all)))]
        }
    }
}
