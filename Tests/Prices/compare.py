#!/usr/bin/env python3
"""Compares what Purser and litellm charge for the same usages, for every token-priced model of the price map.

Run by `make test-prices`. Two costs are equal within 1e-9 USD or relative 1e-12: Purser rounds an entry to 1e-9 USD,
litellm computes in binary floating point. Every other difference must be in known.py, with the reason and who is right.
A difference that is missing there fails the run, and so does one that is there and no longer occurs.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict

import litellm_side
from known import KNOWN, Case
from purser import Purser
from usages import priced, usages

WITHIN_USD, WITHIN_RELATIVE = 1e-9, 1e-12
SHARE_UNKNOWN = 0.02
TOKEN_STEMS = (
    "input_cost_per_token", "output_cost_per_token", "input_cost_per_audio_token", "input_cost_per_image_token",
    "input_cost_per_video_token", "output_cost_per_image_token", "output_cost_per_audio_token",
    "output_cost_per_video_token")


def is_equal(ours, theirs):
    return abs(ours - theirs) <= max(WITHIN_USD, WITHIN_RELATIVE * abs(theirs))


# Why an entry of the map that has a price is not in the book: what its fields say, or its name.
LEFT_OUT = {
    "priced by the pixel, which nobody reports": lambda name, entry: "input_cost_per_pixel" in entry,
    "a rented machine, which is charged without calls": lambda name, entry: "-commitment/" in name,
    "not exact in 1e-15 USD, and left out rather than rounded": lambda name, entry: any(
        isinstance(value, float) and len(f"{value:.20f}".rstrip("0")) > 17
        for field, value in entry.items() if field in ("input_cost_per_token", "input_cost_per_second")),
    "priced by credits or policies of its own": lambda name, entry: any(
        field in entry for field in ("ocr_cost_per_credit", "guardrail_cost_per_unit")),
    "seconds of a transcription as output, which nobody reports": lambda name, entry: (
        entry.get("mode") == "audio_transcription" and "output_cost_per_second" in entry),
}


def has_price(entry):
    return entry.get("litellm_provider") and any(
        "cost" in field and value and (not isinstance(value, dict) or any(value.values()))
        for field, value in entry.items())


def tell_left_out(price_map, left_out):
    """Prints what the map knows and the book does not. Returns whether that is little enough, and each has a reason."""
    known = [name for name, entry in price_map.items() if has_price(entry) and name != "sample_spec"]
    missing = [name for name in known if name in left_out]
    reasons = Counter(
        next((why for why, explains in LEFT_OUT.items() if explains(name, price_map[name])), "NO REASON")
        for name in missing)
    share = len(missing) / len(known)
    print(f"{len(known)} entries of the map have a price; {len(missing)} of them are not in the book ({share:.1%})")
    for why, count in reasons.most_common():
        print(f"  {count}: {why}")
    for name in missing:
        if not any(explains(name, price_map[name]) for explains in LEFT_OUT.values()):
            print(f"  NO REASON: {name}: {left_out[name]}")
    others = len(left_out) - len(missing)
    print(f"  {others} more entries have no price in the map, or 0, which it writes for one that is not known")
    return share <= SHARE_UNKNOWN and "NO REASON" not in reasons


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
    failed = not tell_left_out(price_map, purser.left_out)
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
