"""The table that shows the outcome of a run."""
from collections import Counter

SHOWN = 12


def table(judge, run):
    journal = run.journal
    faults = Counter(fault.kind for fault in journal.faults)
    denials = judge.denials
    asks = [ask for call in journal.calls for ask in call.asks]
    ends = [end for call in journal.calls for end in call.ends if end.status == 200]
    verdicts = Counter(ask.reason or ask.verdict for ask in asks if ask.verdict)
    rows = [
        ("faults injected", sum(faults.values()), listed(faults)),
        ("limits changed", sum(change.answered_at is not None for change in journal.limits), ""),
        ("answers acknowledged", sum(verdicts.values()) + len(ends),
         listed(verdicts | Counter(end.kind for end in ends))),
        ("entries in the ledger", judge.entry_count, ""),
        ("duplicates", len(judge.duplicates()), ""),
        ("lost", len(judge.lost()), f"never acknowledged: {len(judge.unanswered())}"),
        ("entries nobody sent", len(judge.invented()), ""),
        ("overspent", len(judge.overspent()), f"of {sum(map(len, judge.watch.windows.values()))} looks at windows"),
        ("false denials", sum(denial.is_false for denial in denials),
         f"of {len(denials)}; {sum(denial.is_excused for denial in denials)} while the database was away"),
        ("wrong budget named", sum(denial.is_misnamed for denial in denials), ""),
        ("admitted while fenced", len(judge.admitted_while_fenced()), ""),
        ("wrong answers", len(journal.wrong_answers), ""),
        ("did not come back", len(run.faults.stuck) + len(run.closing.findings), ""),
        ("purser verify", "ok" if judge.verify[0] == 0 else "FAILED", ""),
        ("longest gap in s", *told(run.gaps.longest())),
        ("with PostgreSQL there", *told(run.gaps.longest_with_database())),
        *((f"  at replica {replica.number}", *told(run.gaps.longest_with_database(replica.number)))
          for replica in run.deployment.replicas),
    ]
    width = max(len(name) for name, _, _ in rows)
    lines = [f"  {name:<{width}} {value:>9}  {detail}".rstrip() for name, value, detail in rows]
    return "\n" + "\n".join(lines) + "\n"


def listed(counts):
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def told(gap):
    return f"{gap.seconds:.2f}", str(gap)


def tell(findings, path):
    """Prints the first findings and keeps all of them in a file."""
    for finding in findings[:SHOWN]:
        print(f"  BROKEN  {finding}")
    if len(findings) > SHOWN:
        print(f"  and {len(findings) - SHOWN} more, in {path}")
    if findings:
        path.write_text("".join(f"{finding}\n" for finding in findings))
    else:
        print("  every promise was kept")
