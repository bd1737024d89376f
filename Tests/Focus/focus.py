"""Exports a generated quarter as FOCUS, and has it judged: by the official validator, by `purser focus verify` with faults
that the validator lets through, and the 1.4 form by focus-data-toolkit. Its Python must have Tests/Focus/requirements.txt."""
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import faults
import validators
from quarter import Quarter, months

# quarter.py has made the folder of the other tests with processes known.
from deployment import Deployment  # noqa: E402
from options import parser  # noqa: E402
from replicas import ADMIN_TOKEN  # noqa: E402

LEAST_ROWS = 100_000
DATASETS_OF_1_4 = ["cost-and-usage", "billing-period", "invoice-detail"]


class Run:
    def __init__(self, deployment):
        self.deployment, self.problems, self.begun = deployment, [], time.monotonic()

    def tell(self, text, holds=True):
        print(f"{time.monotonic() - self.begun:5.0f} s  {'ok    ' if holds else 'FAILED'} {text}", flush=True)
        if not holds:
            self.problems.append(text)

    def purser(self, *arguments):
        answer = subprocess.run(
            [self.deployment.purser, *map(str, arguments)], capture_output=True, text=True,
            env={"PURSER_URL": self.deployment.replicas[0].url, "PURSER_TOKEN": ADMIN_TOKEN})
        return answer.returncode, answer.stdout + answer.stderr

    def export(self, first, path, *options):
        code, text = self.purser("report", "focus", "--month", str(first)[:7], "-o", path, *options)
        if code != 0:
            raise RuntimeError(text)
        return path

    def quarter(self, quarter):
        """Exports the months and puts them together; returns the file and its number of rows."""
        whole, rows = self.deployment.folder / "quarter.csv", 0
        with open(whole, "w", newline="") as target:
            for place, first in enumerate(quarter.first_days):
                path = self.export(first, self.deployment.folder / f"{first}.csv")
                with open(path, newline="") as source:
                    header = source.readline()
                    if place == 0:
                        target.write(header)
                    for line in source:
                        target.write(line)
                        rows += 1
        return whole, rows

    def judge(self, whole, billed):
        code, text = self.purser("focus", "verify", whole, f"--total={billed}")
        self.tell(f"purser focus verify: {text.strip()}; BilledCost is {billed} USD, as the ledger says", code == 0)
        counts, failed = validators.official(whole)
        self.tell(f"the official validator: {counts}, of these {failed or 'none'} that a file could pass", not failed)

    def judge_faults(self, first):
        path = self.deployment.folder / "faults.csv"
        planted = faults.plant(self.deployment.folder / f"{first}.csv", path)
        _, failed = validators.official(path)
        self.tell(f"the official validator finds {failed or 'none'} of {len(planted)} planted faults", not failed)
        code, text = self.purser("focus", "verify", path)
        missed = [rule for rule, line in planted.items() if f"line {line}: {rule}: " not in text]
        self.tell(f"purser focus verify misses {missed or 'none'} of them", not missed and code == 6)

    def judge_1_4(self, first):
        for dataset in DATASETS_OF_1_4:
            path = self.deployment.folder / f"{dataset}.csv"
            self.export(first, path, "--focus-version", "1.4", "--dataset", dataset)
            said = validators.toolkit(dataset, path)
            self.tell(f"focus-data-toolkit on {dataset} 1.4: {said or 'holds'}", not said)


def main():
    options = parser(__doc__)
    options.add_argument("--short", action="store_true", help="some thousand rows in place of a hundred thousand")
    options = options.parse_args()
    with Deployment(options.purser) as deployment:
        run = Run(deployment)
        deployment.start_database()
        deployment.start_replicas([deployment.database.url()])
        teams, models = (8, 3) if options.short else (42, 8)
        quarter = Quarter(deployment, teams, models, months(date.today()))
        quarter.play()
        whole, rows = run.quarter(quarter)
        run.tell(f"a quarter of {rows:,} rows", options.short or rows >= LEAST_ROWS)
        run.judge(whole, quarter.billed())
        run.judge_faults(quarter.first_days[0])
        run.judge_1_4(quarter.first_days[1])
        code, text = deployment.command("verify")
        run.tell("purser verify", code == 0)
        if code != 0:
            print(text)
    raise SystemExit(1 if run.problems else 0)


if __name__ == "__main__":
    main()
