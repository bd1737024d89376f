import Accounting
import JSON
import Ledger

extension SpendingStatus {
    /// Writes what the month has gone for, and how today's calls were answered.
    func write(to writer: inout JSONWriter) {
        writer.field("calls", calls)
        writer.usd(cost)
        writer.spenders("features", features, as: "feature", of: cost)
        writer.spenders("users", users, as: "user", of: cost)
        writer.spenders("models", models, as: "model", of: cost)
        writer.name("verdicts")
        writer.object { writer in
            for (name, kind) in [("admitted", Verdict.Kind.admit), ("downgraded", .downgrade), ("denied", .deny)] {
                writer.field(named: name, answered.filter { $0.verdict == kind }.reduce(0) { $0 + $1.calls })
            }
            writer.name("reasons")
            writer.array(answered.filter { $0.reason != nil }) { writer, answered in
                writer.object {
                    $0.field("verdict", answered.verdict.rawValue)
                    $0.field("code", answered.reason)
                    $0.field("message", answered.reason.flatMap { Reason.Code(rawValue: $0)?.summary })
                    $0.field("calls", answered.calls)
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func usd(_ nanodollars: Int128?) {
        field("cost_usd", nanodollars.map { FixedPoint.text($0, places: Money.places) })
    }

    /// - Parameter whole: in nanodollars, what their shares are of.
    fileprivate mutating func spenders(
        _ list: StaticString, _ spenders: [Spender]?, as field: String, of whole: Int128?
    ) {
        name(list)
        guard let spenders else { return string(nil) }
        array(spenders) { writer, spender in
            writer.object {
                if let provider = spender.provider { $0.field("provider", provider) }
                $0.field(named: field, spender.name)
                $0.field("calls", spender.calls)
                $0.usd(spender.cost)
                $0.name("share")
                $0.verbatim(spender.share(of: whole)?.description ?? "null")
            }
        }
    }
}

extension Spender {
    /// Rounded down; nil where nothing has cost anything.
    fileprivate func share(of whole: Int128?) -> Fraction? {
        guard let cost, let whole, whole > 0 else { return nil }
        return Fraction(millionths: Int64(clamping: cost * Int128(Fraction.whole.millionths) / whole))
    }
}
