import Accounting
import ArgumentParser
import JSON

/// An amount in a budget's unit, which may be known only once the server tells the budget.
struct UnitAmount: Equatable {
    private let text: String

    static func argument(_ text: String) throws -> UnitAmount {
        // More tokens may be counted than dollars.
        if text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let count = Int64(text) {
            return UnitAmount(text: String(count))
        }
        return UnitAmount(text: try Money.argument(text).usd)
    }

    /// Reads `+200`, what is added to something.
    static func added(_ text: String) throws -> UnitAmount {
        try argument(text.hasPrefix("+") ? String(text.dropFirst()) : text)
    }

    func write(to writer: inout JSONWriter, named name: String, in unit: Budget.Unit) {
        // A part of a token or a call is left for the server to refuse.
        if unit != .usd, let count = Int64(text) {
            writer.field(named: name, count)
        } else {
            writer.field(named: name, text)
        }
    }
}

/// What a window inherits of the one before.
enum CarriedAmount: Equatable {
    case none, all
    case upTo(UnitAmount)

    static func argument(_ text: String) throws -> CarriedAmount {
        switch text {
        case "none": .none
        case "all": .all
        default: .upTo(try UnitAmount.argument(text))
        }
    }

    func write(to writer: inout JSONWriter, in unit: Budget.Unit) {
        switch self {
        case .none: writer.string("none")
        case .all: writer.string("all")
        case .upTo(let cap): writer.object { cap.write(to: &$0, named: "cap_\(unit.rawValue)", in: unit) }
        }
    }
}

/// The limit of one month: `2026-12=700`.
struct PlannedMonth: Equatable {
    var month: CalendarMonth
    var limit: UnitAmount

    static func argument(_ text: String) throws -> PlannedMonth {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let month = CalendarMonth(text: parts[0]) else {
            throw ValidationError("write a month and its limit as 2026-12=700")
        }
        return PlannedMonth(month: month, limit: try UnitAmount.argument(parts[1]))
    }
}

extension BudgetRules.Unsettled: ExpressibleByArgument {}
