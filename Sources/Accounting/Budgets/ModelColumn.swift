/// The model of each budget, where it has one. Most budgets have none, and many share one, so each model is kept once:
/// four bytes a budget in place of thirty-two.
struct ModelColumn: Sendable {
    private var models: [ModelName] = []
    /// For each budget, the place of its model in `models`; -1 if it has none.
    private var places: [Int32] = []

    subscript(budget: Int) -> ModelName? { places[budget] < 0 ? nil : models[Int(places[budget])] }

    /// The column with the models of further budgets.
    func appending(_ more: [ModelName?]) -> ModelColumn {
        var column = self
        var known = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1, Int32($0)) })
        column.places.reserveCapacity(places.count + more.count)
        for model in more {
            guard let model else {
                column.places.append(-1)
                continue
            }
            let place = known[model] ?? Int32(column.models.count)
            if known.updateValue(place, forKey: model) == nil { column.models.append(model) }
            column.places.append(place)
        }
        return column
    }
}
