"""What a long run measures each round, the lines that tell it, and whether it stayed flat."""
from statistics import mean

MOST_GROWTH = 0.15
# By so much a figure may grow in any case: sizes and memory in MB, rates, seconds, thousands. Small figures are noise.
LEAST = {"MB": 2, "/s": 5, "s": 1, "k": 50}
# Tables whose rows have a retention, and those that keep what was spent for good and so grow with every call.
BOUNDED = ["entry_key", "hold_end", "handed_over", "unsettled", "replica", "lease", "budget_window", "verdict_count",
           "alert", "alert_delivery", "verdict_page"]
KEPT = ["ledger", "batch", "rollup", "scope_sum", "estimate_sum", "detail_sum", "meter_sum"]
SIZES = """
SELECT name, COALESCE((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(to_regclass(name))),
    pg_total_relation_size(to_regclass(name)), 0) FROM unnest(string_to_array('{names}', ',')) AS name
"""
UNSUMMED = """
SELECT COALESCE(sum(entry_count), 0) FROM batch LEFT JOIN scope_sum_fence f USING (replica_id)
WHERE number > COALESCE(f.batch_number, 0)
"""


def sizes(database):
    """Returns the size of each table in MB, with its indexes and partitions."""
    said = database.sql(SIZES.format(names=",".join(BOUNDED + KEPT)))
    return {f"{name} MB": int(size) / 1e6 for name, size in (line.split("|") for line in said.splitlines())}


def unsummed(database):
    """Returns how many thousand entries are not in the sums by scope yet."""
    if database.sql("SELECT to_regclass('scope_sum_fence') IS NULL") == "t":
        return 0.0
    return int(database.sql(UNSUMMED)) / 1e3


def shown(figures):
    """Returns the columns to print of a round's figures: what is tiny together comes together."""
    large = ["entry_key MB", "hold_end MB"]
    others = sum(figures[f"{name} MB"] for name in BOUNDED if f"{name} MB" not in large)
    kept = sum(figures[f"{name} MB"] for name in KEPT)
    rest = {name: value for name, value in figures.items() if not name.startswith(tuple(BOUNDED + KEPT))}
    return {name: figures[name] for name in large} | {"other bounded MB": others, "kept for good MB": kept} | rest


def middle_and_last(rounds):
    """Returns the means of each figure over the middle third and over the last third; there must be three rounds."""
    third = len(rounds) // 3
    return [{name: mean(figures[name] for figures in part) for name in rounds[0]}
            for part in (rounds[-2 * third:-third], rounds[-third:])]


def grown(middle, last):
    """Returns a sentence for each figure that is higher in the last third by more than allowed."""
    found = []
    for name, figure in last.items():
        least = LEAST.get(name.split()[-1])
        if name.startswith((*KEPT, "keys")) or least is None:
            continue
        if figure > middle[name] * (1 + MOST_GROWTH) and figure - middle[name] > least:
            found.append(f"{name} grew from {middle[name]:.1f} to {figure:.1f}")
    return found


def tell_line(columns, line):
    """Prints a line under the names of the columns."""
    cells = [f"{value:.0f}" if isinstance(value, float) else str(value) for value in line.values()]
    print("  ".join(f"{cell:>{len(name)}}" for name, cell in zip(columns, cells)), flush=True)
