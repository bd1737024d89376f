"""What a long run measures each round, the lines that tell it, and whether it stayed flat."""
from statistics import mean

MOST_GROWTH = 0.15
# By so much a figure may grow in any case: sizes and memory in MB, rates, seconds. Small figures are noise.
LEAST = {"MB": 2, "/s": 5, "s": 1}
# Tables whose rows have a retention, and those that keep what was spent for good and so grow with every call.
BOUNDED = ["entry_key", "hold_end", "handed_over", "unsettled", "replica", "lease", "budget_window", "verdict_count",
           "alert", "alert_delivery"]
KEPT = ["ledger", "batch", "rollup", "scope_sum"]
SIZES = """
SELECT name, COALESCE((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(name)),
    pg_total_relation_size(to_regclass(name)), 0) FROM unnest(string_to_array('{names}', ',')) AS name
"""


def sizes(database):
    """Returns the size of each table in MB, with its indexes and partitions."""
    said = database.sql(SIZES.format(names=",".join(BOUNDED + KEPT)))
    return {f"{name} MB": int(size) / 1e6 for name, size in (line.split("|") for line in said.splitlines())}


def shown(figures):
    """Returns the columns to print of a round's figures: what is tiny together comes together."""
    large = ["entry_key MB", "hold_end MB"]
    others = sum(figures[f"{name} MB"] for name in BOUNDED if f"{name} MB" not in large)
    kept = sum(figures[f"{name} MB"] for name in KEPT)
    rest = {name: value for name, value in figures.items() if not name.startswith(tuple(BOUNDED + KEPT))}
    return {name: figures[name] for name in large} | {"other bounded MB": others, "kept for good MB": kept} | rest


def grown(rounds):
    """Returns a sentence for each figure that is higher in the last third than in the middle one by more than allowed."""
    third = len(rounds) // 3
    found = []
    for name in rounds[0]:
        unit = name.split()[-1]
        if unit not in LEAST or name.startswith(tuple(KEPT)) or name.startswith("keys"):
            continue
        middle = mean(figures[name] for figures in rounds[-2 * third:-third])
        last = mean(figures[name] for figures in rounds[-third:])
        if last > middle * (1 + MOST_GROWTH) and last - middle > LEAST[unit]:
            found.append(f"{name} grew from {middle:.1f} to {last:.1f}")
    return found
