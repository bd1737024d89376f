import Accounting
import Ledger

extension PrometheusRegistry {
    /// Only the server that does the maintenance counts.
    func observeDisputed(of replica: Replica) {
        observeAny(.gauge, "purser_disputed_calls") {
            replica.disputedCount.map { [Labelled(.count($0.calls))] } ?? []
        }
        observeAny(.gauge, "purser_disputed_usd") {
            replica.disputedCount.map { [Labelled(.share(Double($0.cost.nanodollars) / 1e9))] } ?? []
        }
    }

    func observeUnsettled(of replica: Replica) {
        observeAny(.gauge, "purser_unsettled_calls") {
            replica.unsettledCount.map { [Labelled(.count($0.calls))] } ?? []
        }
        observeAny(.gauge, "purser_unsettled_usd") {
            replica.unsettledCount.map { [Labelled(.share(Double($0.worstCase.nanodollars) / 1e9))] } ?? []
        }
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
