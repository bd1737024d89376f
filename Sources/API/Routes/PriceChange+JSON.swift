import Accounting
import JSON
import Ledger
import Pricing

extension PriceStore.AddedRow {
    /// - Parameter isUpdate: whether the answer tells what kind of change each row is.
    func write(to writer: inout JSONWriter, isUpdate: Bool) {
        writer.object {
            if isUpdate { $0.field("kind", kind.rawValue) }
            $0.field("provider", model.provider)
            $0.field("model", model.model)
            $0.field("meter", meter)
            $0.field("service_tier", serviceTier)
            $0.field("above_context_tokens", aboveContextTokens)
            $0.field("region", region.isEmpty ? nil : region)
            $0.field("hours", hours.isEmpty ? nil : hours)
            $0.field(
                "former_unit_price_usd", formerFemtodollarsPerUnit.map { FixedPoint.text($0, places: Price.places) })
            $0.field("unit_price_usd", FixedPoint.text(femtodollarsPerUnit, places: Price.places))
            $0.name("former_least_quantity")
            $0.integer(formerLeastQuantity)
            $0.name("least_quantity")
            $0.integer(leastQuantity)
            $0.field("valid_from", validFrom.description)
            $0.field("valid_until", validUntil?.description)
        }
    }
}

extension ArraySlice<PriceMap.Skipped> {
    /// The field `skipped` of an answer.
    func write(to writer: inout JSONWriter) {
        writer.name("skipped")
        writer.array(self) { writer, skipped in
            writer.object {
                $0.field("model", skipped.model)
                $0.field("reason", skipped.reason)
            }
        }
    }
}

extension ArraySlice<PriceMap.Warning> {
    /// The field `warnings` of an answer.
    func write(to writer: inout JSONWriter) {
        writer.name("warnings")
        writer.array(self) { $1.write(to: &$0) }
    }
}

extension PriceMap.Warning {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("code", fields.isEmpty ? "figures_shortened" : "fields_not_taken")
            $0.field("message", message)
            $0.field("model", model)
            $0.name("fields")
            $0.array(fields) { $0.string($1) }
            if !shortened.isEmpty {
                $0.name("shortened")
                $0.array(shortened) { $0.string($1) }
            }
        }
    }
}
