import Accounting
import Alerts
import Ledger

extension DueAlert {
    /// The message of an alert. Its id stays the same across attempts and server restarts.
    var message: AlertMessage {
        let cause: BudgetAlert.Cause =
            switch kind {
            case .crossed: .crossed(threshold: threshold.description)
            case .denied: .denied
            }
        let alert = BudgetAlert(
            cause, budgetID: budgetID, team: team, scopeValues: scopeValues,
            windowStartSeconds: windowStart.seconds,
            resetsAtSeconds: windowEnd?.seconds, spent: unit.text(spent), limit: unit.text(limit),
            unit: BudgetAlert.Unit(rawValue: unit.rawValue)!, occurredAtSeconds: occurredAt.seconds)
        let message = alert.message
        // A budget that is removed and created again may cross the same threshold in the same window a second time. The
        // alert id keeps the two messages apart.
        return AlertMessage(
            id: "\(message.id)_\(alertID)", type: message.type, occurredAtSeconds: message.occurredAtSeconds,
            body: message.body)
    }
}
