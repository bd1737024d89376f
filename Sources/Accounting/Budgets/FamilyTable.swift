/// The snapshots of some models, found by the hash of a call's model that `FieldHashes` has. A lookup allocates nothing.
struct FamilyTable: Sendable {
    private struct Snapshot: Sendable {
        let name: ModelName
        let family: ModelName
        /// The hash of the family's model.
        let familyHash: UInt64
        /// The place of another snapshot whose model has the same hash, such as the same model of another provider.
        let sameHash: Int?
    }

    private let families: Set<ModelName>
    private var snapshots: [Snapshot] = []
    private var places = PlaceTable()

    init(of families: Set<ModelName>, in prices: PriceBook) {
        self.families = families
        func hash(_ name: ModelName) -> UInt64 { FieldHashes(Attribution(team: ""), name, .model).model }
        for family in families.sorted() {
            for name in prices.models(meantBy: family) where name != family {
                let sameHash = places.put(snapshots.count, for: hash(name))
                snapshots.append(
                    Snapshot(name: name, family: family, familyHash: hash(family), sameHash: sameHash))
            }
        }
    }

    /// The table of these families and more.
    func adding(_ more: Set<ModelName>, in prices: PriceBook) -> FamilyTable {
        more.isSubset(of: families) ? self : FamilyTable(of: families.union(more), in: prices)
    }

    /// The model of which `model` is a snapshot, or `model` itself. `hash` is the hash of `model`, and becomes that of
    /// the result.
    func family(of model: ModelName, _ hash: inout UInt64) -> ModelName {
        if snapshots.isEmpty { return model }
        var place = places[hash]
        while let found = place {
            if snapshots[found].name == model {
                hash = snapshots[found].familyHash
                return snapshots[found].family
            }
            place = snapshots[found].sameHash
        }
        return model
    }
}
