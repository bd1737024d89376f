/// How figures are said to people: in verdicts, alerts, the command and pages alike.
///
/// Amounts come in as decimal texts, exactly as programs get them; nothing is rounded here.
package enum Phrase {}
