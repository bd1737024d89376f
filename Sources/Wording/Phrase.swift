/// How figures are written for people: in verdicts, alerts, the command's output and pages alike.
///
/// Amounts are passed in as decimal texts, exactly as programs get them. Nothing is rounded but by `cents`.
package enum Phrase {}
