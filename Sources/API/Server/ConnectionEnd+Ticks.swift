import NIOCore

/// Looks now and then whether the connection is over one of its limits of time.
extension ConnectionEnd {
    func tick(_ context: ChannelHandlerContext) {
        guard isTimed else { return }
        let unsentBytes = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        let check = clock.check(
            at: .now(), isReading: isReading, isAnswering: isAnswering, unsentBytes: unsentBytes ?? 0)
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

    private func tick(_ context: ChannelHandlerContext, at next: NIODeadline) {
        ticks = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [self] in tick(context) }
    }
}
