import Accounting
import JSON
import Ledger

extension EntryList.Entry {
    func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.object {
            $0.field("entry_id", String(entryID))
            $0.field("recorded_at", recordedAt.description)
            $0.field("occurred_at", occurredAt.description)
            $0.field("kind", kind)
            $0.field("corrects_entry_id", correctsEntryID.map(String.init))
            $0.field("team", names.name(of: who.team))
            $0.field("feature", who.feature)
            $0.field("user", who.user)
            $0.field("run", who.run)
            $0.name("tags")
            $0.object { for tag in who.tags { $0.field(named: tag.key, tag.value) } }
            $0.field("request_id", requestID)
            $0.field("requested_model", requestedModel)
            $0.field("model", model.model)
            $0.field("provider", model.provider)
            $0.field("service_tier", tier)
            $0.field("region", region)
            $0.field("status", status)
            $0.field("attempt", attempt)
            $0.name("usage")
            $0.object { for line in lines { $0.field(named: line.meter.name, line.quantity) } }
            $0.field("input_tokens", inputTokens)
            $0.field("output_tokens", outputTokens)
            $0.field("residual_tokens", residualTokens)
            $0.field("cost_usd", cost)
            $0.field("list_cost_usd", listCost)
            $0.field("unpriced", cost == nil)
            $0.field("provider_cost_usd", providerCost)
            $0.field("provider_request_id", providerRequestID)
            $0.field("batch", usageBatch)
            $0.name("warnings")
            $0.verbatim(warnings)
        }
    }
}
