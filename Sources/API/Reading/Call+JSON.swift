import Accounting
import JSON

extension Call {
    /// Reads the body of `authorize`.
    init(_ json: JSONValue, isKnownMeter: (String) -> Bool, limits: CallLimits) throws(JSONFailure) {
        var fields = JSONFields(json)
        let requestID = fields.required("request_id", Field.idExpectation, Field.id)
        let who = fields.attribution()
        let model = fields.required("model", Field.modelExpectation, Field.model)
        let provider = fields.optional("provider", Field.modelExpectation, Field.model)
        let tier: ServiceTier? = fields.optional("service_tier", Field.choices(ServiceTier.self), Field.choice)
        let region = fields.optional("region", Field.nameExpectation, Field.name)
        func count(_ value: JSONValue) -> Int64? { Field.count(value, upTo: limits.quantity) }
        let inputTokens = fields.required("input_tokens", limits.quantityExpectation, count)
        let cached =
            fields.optional("cached_input_tokens", limits.quantityExpectation, count) ?? 0
        let maxOutput = fields.optional("max_output_tokens", limits.quantityExpectation, count)
        let minOutput = fields.optional("min_output_tokens", limits.leastOutputExpectation) { value in
            count(value).flatMap { $0 > 0 ? $0 : nil }
        }
        let bounds = Self.bounds(&fields, isKnownMeter, limits)
        let models = fields.optional("models", "1 to 64 model names", Self.modelNames)
        let holdSeconds = fields.optional("hold_seconds", "a whole number from 1 to 3600") { value in
            value.integer.flatMap { Call.holdSecondsRange.contains($0) ? $0 : nil }
        }
        let wait = fields.optional("wait_ms", "a whole number from 0 to 30000") { value in
            value.integer.flatMap { Call.waitMillisecondsRange.contains($0) ? $0 : nil }
        }
        let isDryRun = fields.optional("dry_run", "true or false", \.bool) ?? false
        if let inputTokens, cached > inputTokens {
            fields.refuse("cached_input_tokens", "is larger than input_tokens")
        }
        if let minOutput, let maxOutput, minOutput > maxOutput {
            fields.refuse("min_output_tokens", "is larger than max_output_tokens")
        }
        try fields.finish()
        self.init(
            requestID: requestID!, who: who!, model: model!, provider: provider, tier: tier ?? .standard,
            region: region, inputTokens: inputTokens!, cachedInputTokens: cached, maxOutputTokens: maxOutput,
            minOutputTokens: minOutput, bounds: bounds, models: models,
            holdSeconds: holdSeconds ?? Call.defaultHoldSeconds, isDryRun: isDryRun,
            waitMilliseconds: wait ?? 0)
    }

    private static func bounds(
        _ fields: inout JSONFields, _ isKnownMeter: (String) -> Bool, _ limits: CallLimits
    ) -> [Quantities.Line] {
        guard let value = fields.value("bounds") else { return [] }
        guard value.kind == .object else {
            fields.refuse("bounds", "must be an object of meters and their upper bounds")
            return []
        }
        var lines: [Quantities.Line] = []
        var errors: [FieldError] = []
        for (name, bound) in value.fields where errors.count < JSONFields.maximumErrors {
            let pointer = "/bounds/\(JSONFields.escaped(name))"
            let meter = Meter(name)
            if lines.contains(where: { $0.meter == meter }) {
                errors.append(FieldError(pointer: pointer, detail: "is given twice"))
            } else if meter == .input || meter == .output || meter == .cacheRead {
                errors.append(FieldError(pointer: pointer, detail: "has a field of its own"))
            } else if !Meter.tokenMeters.contains(meter), !isKnownMeter(name) {
                errors.append(FieldError(pointer: pointer, detail: Meter.unknown(name)))
            } else if let count = Field.count(bound, upTo: limits.quantity) {
                lines.append(Quantities.Line(meter: meter, quantity: count))
            } else {
                errors.append(
                    FieldError(pointer: pointer, detail: "must be \(limits.quantityExpectation)"))
            }
        }
        fields.refuse(errors)
        return lines
    }

    static func modelNames(_ value: JSONValue) -> [String]? {
        guard value.kind == .array else { return nil }
        let names = value.elements.map(Field.model)
        return (1...64).contains(names.count) && !names.contains(nil) ? names.compactMap(\.self) : nil
    }
}
