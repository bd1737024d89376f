import Accounting
import JSON
import Ledger

extension MonthRecord {
    /// Writes the fields of a month into an object.
    func write(to writer: inout JSONWriter, withSums: Bool = true) {
        writer.field("month", month.description)
        writer.field("state", isClosed ? "closed" : "open")
        writer.field("version", version)
        writer.field("closed_at", closedAt?.description)
        writer.field("closed_by", withSums ? closedBy : nil)
        writer.field("total_usd", withSums ? usd(total) : nil)
        writer.field("entries", withSums ? entries : nil)
        writer.field("sha256", withSums ? sha256 : nil)
    }
}

extension MonthClose.Finding {
    /// Writes the month and its checks as fields of an object.
    func write(to writer: inout JSONWriter) {
        writer.field("month", month.description)
        writer.checks(checks)
    }
}

extension MonthDetails {
    /// Writes the fields of a month into an object.
    ///
    /// - Parameter findings: what a dry run has found of each month that would close; nil where it is none.
    func write(to writer: inout JSONWriter, wouldClose findings: [MonthClose.Finding]? = nil) {
        record.write(to: &writer)
        writer.field("locked", isLocked)
        writer.checks(findings?.first { $0.month == record.month }?.checks ?? checks)
        if let findings {
            writer.name("earlier")
            writer.array(findings.filter { $0.month < record.month }) { writer, finding in
                writer.object { finding.write(to: &$0) }
            }
        }
        writer.field("forced", isForced)
        writer.field("reason", reason)
        writer.name("cost_centers")
        writer.array(statement?.costCenters ?? []) { writer, center in
            writer.object {
                $0.field("cost_center", center.name)
                $0.field("entries", center.entries)
                $0.field("unpriced_calls", center.unpricedCalls)
                $0.field("cost_usd", usd(center.cost))
            }
        }
        writer.name("adjustments")
        writer.array(statement?.adjustments ?? []) { writer, adjustment in
            writer.object {
                $0.field("month", adjustment.month)
                $0.field("entries", adjustment.entries)
                $0.field("cost_usd", usd(adjustment.cost))
            }
        }
        writer.name("price_book")
        if let book = statement?.priceBook {
            writer.object {
                $0.field("version", book.version)
                $0.field("date", book.date)
            }
        } else {
            writer.null()
        }
        writer.name("reopenings")
        writer.array(reopenings) { writer, reopening in
            writer.object {
                $0.field("version", reopening.version)
                $0.field("reopened_at", reopening.reopenedAt.description)
                $0.field("reopened_by", reopening.reopenedBy)
                $0.field("reason", reopening.reason)
            }
        }
        writer.name("changes")
        if let changes = statement?.changes { changes.write(to: &writer) } else { writer.null() }
    }
}

extension MonthStatement.Changes {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("since_version", version)
            $0.field("entries", entries)
            $0.field("difference_usd", usd(cost))
            $0.name("cost_centers")
            $0.array(costCenters) { writer, center in
                writer.object {
                    $0.field("cost_center", center.name)
                    $0.field("before_usd", usd(center.before))
                    $0.field("after_usd", usd(center.after))
                    $0.field("difference_usd", usd(center.after - center.before))
                }
            }
            $0.name("booked")
            $0.array(booked) { writer, booked in
                writer.object {
                    $0.field("team", booked.team)
                    $0.field("kind", booked.kind)
                    $0.field("source", booked.source)
                    $0.field("entries", booked.entries)
                    $0.field("cost_usd", usd(booked.cost))
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func checks(_ checks: [MonthCheck]) {
        name("checks")
        array(checks) { writer, check in writer.object { check.write(to: &$0) } }
    }
}

private func usd(_ nanodollars: Int128) -> String { FixedPoint.text(nanodollars, places: Money.places) }
