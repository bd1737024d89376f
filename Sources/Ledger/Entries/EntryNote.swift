import Accounting
import JSON

extension LedgerEntry {
    /// Whether the entry has anything that the ledger's columns do not say.
    var hasNote: Bool { !warnings.isEmpty || usage.quantities.hasPasses || usageBatch != nil }
}

extension [CallWarning] {
    /// A list of objects, as it is stored and as answers write it.
    package var json: String {
        var writer = JSONWriter(capacity: 16)
        writer.array(self) { $1.write(to: &$0) }
        return writer.text
    }
}

extension JSONWriter {
    package mutating func warnings(_ warnings: [CallWarning]) {
        name("warnings")
        array(warnings) { $1.write(to: &$0) }
    }
}

extension CallWarning {
    fileprivate func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0) } }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("code", code.rawValue)
        writer.field("message", message)
        if !fields.isEmpty {
            writer.name("fields")
            writer.array(fields) { $0.string($1) }
        }
        if let residualTokens { writer.field("residual_tokens", residualTokens) }
    }
}
