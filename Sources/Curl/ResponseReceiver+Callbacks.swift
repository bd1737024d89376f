import CCurl
import Glibc

private func receiver(_ context: UnsafeMutableRawPointer?) -> ResponseReceiver? {
    context.map { Unmanaged<ResponseReceiver>.fromOpaque($0).takeUnretainedValue() }
}

/// Returns how many bytes it took. libcurl stops where it took fewer than it was given.
func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return receiver(context)?.appendBody(buffer) == true ? size * count : 0
}

func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return receiver(context)?.appendHeader(buffer) == true ? size * count : 0
}

/// libcurl calls this at least once a second, and stops where the result is not 0.
func stopIfCancelled(
    _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    receiver(context)?.isCancelled == true ? 1 : 0
}

/// libcurl calls this for every address that it tries, after it has resolved the name, also after a redirect. So no
/// name can hide a refused address.
func openSocket(
    _ context: UnsafeMutableRawPointer?, _: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let address, let receiver = receiver(context) else { return -1 }
    guard !receiver.addressRule.refuses(address) else {
        receiver.refuseAddress()
        return -1
    }
    let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, kind, address.pointee.protocol)
}
