import JSON

extension UsageReader {
    /// Purser's own format: wholes, their parts, and any other meter by its name.
    mutating func own(_ isKnownMeter: (String) -> Bool) -> UsageParts {
        var parts = UsageParts()
        for (name, count) in value.fields {
            let quantity = check(count, at: JSONFields.escaped(name), takesDigits: false)
            let meter = Meter(name)
            if parts.has(meter) {
                refuse(JSONFields.escaped(name), "is given twice")
            } else if meter.isNamed || isKnownMeter(name) {
                parts.set(meter, quantity)
            } else {
                refuse(JSONFields.escaped(name), Meter.unknown(name))
            }
        }
        if parts.inputParts > parts.input { refuse("input_tokens", "is smaller than the sum of its parts") }
        if parts.outputParts > parts.output { refuse("output_tokens", "is smaller than the sum of its parts") }
        return parts
    }
}
