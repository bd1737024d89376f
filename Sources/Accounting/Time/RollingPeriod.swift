/// A period that counts what was spent in the last minutes, hours or days, at every moment anew.
///
/// Time is cut into slots of a sixtieth of the period. What was spent in a slot counts until the whole period has passed
/// since the end of the slot: never less than the period, and at most a sixtieth more.
package struct RollingPeriod: Hashable, Sendable {
    package enum Unit: String, Sendable, CaseIterable {
        case minutes, hours, days

        fileprivate var seconds: Int64 {
            switch self {
            case .minutes: 60
            case .hours: 3_600
            case .days: 86_400
            }
        }

        /// The longest period: a day in minutes, some 30 days in hours, a year in days.
        package var most: Int {
            switch self {
            case .minutes: 1_440
            case .hours: 744
            case .days: 366
            }
        }
    }

    private static let slots: Int64 = 60

    package let count: Int
    package let unit: Unit

    /// Nil if `count` is not from 1 to the most of its unit.
    package init?(_ count: Int, _ unit: Unit) {
        guard (1...unit.most).contains(count) else { return nil }
        self.count = count
        self.unit = unit
    }

    package var seconds: Int64 { Int64(count) * unit.seconds }
    var slotSeconds: Int64 { seconds / Self.slots }

    /// When what was spent at `moment` no longer counts.
    package func leaves(spentAt moment: Timestamp) -> Timestamp {
        let slot = slotSeconds * 1_000_000
        let start = moment.microseconds.flooredQuotient(dividingBy: slot) * slot
        return Timestamp(microseconds: start + slot).adding(seconds: seconds)
    }
}
