#!/usr/bin/env python3
"""Compares what Purser and litellm charge for the same usages, for every token-priced model of the price map.

Run by `make test-prices`. Two costs are equal within 1e-9 USD or relative 1e-12: Purser rounds an entry to 1e-9 USD,
litellm computes in binary floating point. Every other difference must be in known.py, with the reason and who is right.
A difference that is missing there fails the run, and so does one that is there and no longer occurs.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict

import litellm_side
from known import KNOWN, Case
from usages import priced, usages

WITHIN_USD, WITHIN_RELATIVE = 1e-9, 1e-12
TOKEN_STEMS = (
    "input_cost_per_token", "output_cost_per_token", "input_cost_per_audio_token", "input_cost_per_image_token",
    "input_cost_per_video_token", "output_cost_per_image_token", "output_cost_per_audio_token",
    "output_cost_per_video_token")


class Purser:
    """The program that rates usages by the shipped prices, asked over a pipe."""

    def __init__(self, command, price_map):
        self.process = subprocess.Popen(
            [command, price_map], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20)
        self.names = {}
        while line := self.process.stdout.readline().rstrip("\n"):
            name, provider, model = line.split("\t")
            self.names[name] = (provider, model)
        self.twins = defaultdict(list)
        for name, model in self.names.items():
            self.twins[model].append(name)

    def costs(self, name, asked):
        """Returns the cost of each usage in nanodollars, or the reason why it has none."""
        provider, model = self.names[name]
        for usage in asked:
            line = (
                provider, model, usage.tier, usage.region, usage.moment, str(usage.input_tokens),
                json.dumps(usage.purser()))
            self.process.stdin.write("\t".join(line) + "\n")
        self.process.stdin.flush()
        return [self.process.stdout.readline().rstrip("\n") for _ in asked]


def is_equal(ours, theirs):
    return abs(ours - theirs) <= max(WITHIN_USD, WITHIN_RELATIVE * abs(theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purser", required=True, help="the program that rates by the shipped prices")
    parser.add_argument("--usages", type=int, default=200, help="of each model")
    parser.add_argument("--every", type=int, default=1, help="only every n-th model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="unexplained differences to show")
    arguments = parser.parse_args()

    with open(litellm_side.MAP) as file:
        price_map = json.load(file)
    purser = Purser(arguments.purser, litellm_side.MAP)
    token_priced = sorted(name for name, entry in price_map.items() if any(priced(entry, stem) for stem in TOKEN_STEMS))
    met, models, missing, unexplained = Counter(), defaultdict(set), [], []
    compared = equal = 0
    chosen = token_priced[::arguments.every]
    for name in chosen:
        entry = price_map[name]
        if name not in purser.names:
            missing.append(name)
            continue
        # Output without details of a model that makes only images or speech is that here, and text for litellm.
        if entry.get("mode") in ("image_generation", "image_edit", "audio_speech"):
            continue
        asked = list(usages(entry, name, arguments.usages, arguments.seed))
        for usage, answer in zip(asked, purser.costs(name, asked)):
            compared += 1
            try:
                theirs = litellm_side.cost(name, entry, usage)
            except Exception as error:  # litellm raises plain Exceptions
                theirs = f"{type(error).__name__}: {error}"
            ours = int(answer) / 1e9 if answer.isdigit() else answer
            if isinstance(ours, float) and isinstance(theirs, float) and is_equal(ours, theirs):
                equal += 1
                continue
            twins = [price_map[twin] for twin in purser.twins[purser.names[name]] if twin != name]
            case = Case(name, entry, purser.names[name], usage, ours, theirs, twins)
            found = [known.id for known in KNOWN if known.explains(case)]
            for known in found[:1]:
                met[known] += 1
                models[known].add(name)
            if not found:
                unexplained.append(case)

    print(f"{len(chosen) - len(missing)} models, {compared} usages: {equal} cost the same")
    for known in KNOWN:
        if met[known.id]:
            print(f"  {met[known.id]} usages of {len(models[known.id])} models, {known.id}; right is {known.right}: {known.reason}")
    failed = False
    for name in missing:
        reason = next((known for known in KNOWN if known.misses(name)), None)
        if reason is None:
            failed = True
            print(f"NOT IN THE BOOK: {name}")
    for case in list({case.name: case for case in unexplained}.values())[: arguments.show]:
        usage = case.usage
        print(
            f"UNEXPLAINED: {case.name}, {usage.tier} {usage.region} {usage.moment}, {usage.input_tokens} tokens in, "
            f"{usage.output_tokens} out, of which {usage.parts} {usage.units}: {case.ours} and {case.theirs}")
    if unexplained:
        failed = True
        print(f"{len(unexplained)} differences of {len({case.name for case in unexplained})} models are not explained")
        kinds = Counter((case.provider, case.usage.tier) for case in unexplained)
        print("  " + ", ".join(f"{provider} {tier}: {count}" for (provider, tier), count in kinds.most_common(20)))
    if arguments.every == 1:
        for known in KNOWN:
            if not met[known.id] and not any(known.misses(name) for name in missing):
                failed = True
                print(f"NO LONGER OCCURS: {known.id}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
