/// One event of a file: ready to be sent, or refused with a reason.
enum UsageEvent: Equatable {
    case ready(line: Int, json: [UInt8])
    case refused(line: Int, detail: String)
}
