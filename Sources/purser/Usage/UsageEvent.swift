/// One event of a file: ready to be sent, or why it is not.
enum UsageEvent: Equatable {
    case ready(line: Int, json: [UInt8])
    case refused(line: Int, detail: String)
}
