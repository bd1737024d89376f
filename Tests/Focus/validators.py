"""Runs the official validator and the toolkit, and reads what they say: neither tells by its exit code alone."""
import re
import subprocess
import sysconfig
import sys
from pathlib import Path

CRITERIA = ["ACCOUNT_NAMING", "SUB_ACCOUNT", "PUBLIC_PRICE_LIST", "UNIT_PRICING", "USAGE_MEASUREMENT", "TAGGING",
            "NEGOTIATED_PRICING", "MULTIPLE_PRICING_CATEGORIES"]
# Both are unconditional there: one demands a value and the other null, so that one of them fails whatever a file has.
IMPOSSIBLE = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}


def official(path):
    """Returns its own line of counts, and those that failed but for the ones that no file can pass."""
    answer = subprocess.run(
        [Path(sys.executable).parent / "focus-validator", "--data-file", path, "--validate-version", "1.2.0.1",
         "--block-download", "--applicability-criteria", ",".join(CRITERIA)],
        # It reads its list of currencies relative to where it runs.
        cwd=sysconfig.get_paths()["purelib"], capture_output=True, text=True)
    said = re.sub(r"\x1b\[[0-9;]*m", "", answer.stdout + answer.stderr)
    counts = re.search(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+)", said)
    if counts is None:
        raise RuntimeError(f"the validator did not finish: {said[-2000:]}")
    failed = set(re.findall(r"([A-Za-z]+-[A-Z]-\d{3}-[A-Z])\b[^\n]*FAIL|FAIL[^\n]*?([A-Za-z]+-[A-Z]-\d{3}-[A-Z])\b", said))
    names = {first or second for first, second in failed}
    if len(names) < int(counts[3]):
        raise RuntimeError(f"{counts[3]} rules failed, and only {sorted(names)} are named: {said[-3000:]}")
    return counts[0], sorted(names - IMPOSSIBLE)


def toolkit(dataset, path):
    """Returns what the toolkit says of a file of 1.4; nothing where it holds."""
    answer = subprocess.run(
        [Path(sys.executable).parent / "focus-toolkit", "validate", "--dataset", dataset, path], capture_output=True,
        text=True)
    return "" if answer.returncode == 0 else f"exit code {answer.returncode}: {answer.stdout}{answer.stderr}"
