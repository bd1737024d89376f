import Ledger

extension PrometheusRegistry {
    func observeRequests(of replica: Replica) {
        observeAny(.gauge, "purser_open_requests") {
            replica.openRequestCount.map { [Labelled(.count($0))] } ?? []
        }
    }
}
