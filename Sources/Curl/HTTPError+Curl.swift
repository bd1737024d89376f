import CCurl

extension HTTPError {
    /// libcurl's own error buffer is left out: it may quote what was sent.
    init(_ code: CURLcode, origin: HTTPOrigin, request: HTTPRequest) {
        let cause = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            self.init(.unreachable, "\(origin) could not be reached: its name was not found.")
        case CURLE_COULDNT_RESOLVE_PROXY:
            self.init(.unreachable, "\(origin) could not be reached: the name of the proxy was not found.")
        case CURLE_COULDNT_CONNECT:
            self.init(.unreachable, "\(origin) could not be reached: nothing accepted the connection.")
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.timedOut, "\(origin) did not answer within \(request.timeoutSeconds) s.")
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE:
            self.init(.connectionLost, "\(origin) closed the connection before its whole answer was there.")
        case CURLE_SSL_CONNECT_ERROR:
            self.init(.handshake, "No secure connection to \(origin) came about: \(cause).")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_INVALIDCERTSTATUS:
            self.init(.tls, "The secure connection to \(origin) was refused: \(cause).")
        // A redirect to what is no HTTP address is another fault.
        case CURLE_UNSUPPORTED_PROTOCOL where !request.followsRedirects, CURLE_WEIRD_SERVER_REPLY:
            self.init(.notHTTP, "\(origin) did not answer in HTTP.")
        default:
            self.init(.failed, "The request to \(origin) failed: \(cause).")
        }
    }

    /// One sentence for all addresses that a rule refuses, so that it says nothing about them.
    package static func refusedAddress(_ origin: HTTPOrigin, by rule: AddressRule) -> HTTPError {
        switch rule {
        case .anyNetwork:
            HTTPError(
                .refusedAddress,
                "\(origin) is a link-local or cloud metadata address; no connection is made to these.")
        case .publicOnly:
            HTTPError(.refusedAddress, "\(origin) is not a public address; no connection is made to others.")
        }
    }

    static func tooLarge(_ origin: HTTPOrigin, limitBytes: Int) -> HTTPError {
        HTTPError(.tooLarge, "\(origin) answered with more than \(limitBytes) bytes.")
    }

    static func cancelled(_ origin: HTTPOrigin) -> HTTPError {
        HTTPError(.cancelled, "The request to \(origin) was cancelled.")
    }
}
