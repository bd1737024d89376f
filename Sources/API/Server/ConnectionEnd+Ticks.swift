import Glibc
import NIOCore

/// Looks now and then whether the connection is over one of its limits of time.
extension ConnectionEnd {
    func tick(_ context: ChannelHandlerContext) {
        guard isTimed else { return }
        let check = clock.check(
            at: .now(), isReading: isReading, isAnswering: isAnswering, unsentBytes: unsentBytes(context))
        switch check {
        case .wait(let next):
            tick(context, at: next)
        case .over(.idle) where isRequestWaiting(context):
            tick(context, at: .now() + Self.requestLimit)
        case .over(.request):
            connections.countEnd(by: .request)
            fail(.late)
            tick(context, at: .now() + Self.requestLimit)
        case .over(let limit):
            connections.countEnd(by: limit)
            closeNow(context)
        }
    }

    /// What was written and the client's side has not taken: in this process and in the kernel. The kernel takes more from
    /// this process only after a good part of its megabytes has gone, which a slow client may need minutes for.
    private func unsentBytes(_ context: ChannelHandlerContext) -> Int {
        let buffered = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        let inKernel = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var count: CInt = 0
            return ioctl(socket, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
        }
        return (buffered ?? 0) + (inKernel ?? 0)
    }

    private func tick(_ context: ChannelHandlerContext, at next: NIODeadline) {
        ticks = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [self] in tick(context) }
    }
}
