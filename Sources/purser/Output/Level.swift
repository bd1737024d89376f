/// How much attention something needs, as a sign and a colour that are always shown together.
enum Level: Equatable {
    case fine, near, full

    var sign: String {
        switch self {
        case .fine: "●"
        case .near: "▲"
        case .full: "✗"
        }
    }

    func coloured(_ text: String) -> String {
        let colour =
            switch self {
            case .fine: 32
            case .near: 33
            case .full: 31
            }
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }
}
