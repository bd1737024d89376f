/// A request that waits or is under way, with the callback that gets its result.
struct Transfer: Sendable {
    let request: HTTPRequest
    let origin: HTTPOrigin
    let addressRule: AddressRule
    let cancellation: TransferCancellation
    let finish: @Sendable (Result<HTTPResponse, HTTPError>) -> Void

    init(
        _ request: HTTPRequest, addressRule: AddressRule, cancellation: TransferCancellation,
        finish: @escaping @Sendable (Result<HTTPResponse, HTTPError>) -> Void
    ) throws(HTTPError) {
        origin = try HTTPOrigin(url: request.url)
        try request.validate(at: origin)
        self.request = request
        self.addressRule = addressRule
        self.cancellation = cancellation
        self.finish = finish
    }
}
