#!/usr/bin/env python3
"""Compares what genai-prices and Purser read from the same responses of providers, and what that costs.

Run by `make test-prices`. Wholes include their parts here, as genai-prices counts: input and output, and what of them was
read from a cache, written to one, reasoning, audio, images or video. A difference without a reason fails the run, and so
does a reason that no longer occurs.
"""
import argparse
import json
import sys
from collections import Counter, defaultdict
from datetime import datetime, timezone
from decimal import Decimal

import genai_prices
from genai_prices.types import Usage

import litellm_side
from forms import FORMS, drawn
from purser import Purser
from readings import READINGS, Reading

SAME, OTHERWISE = "the cost where both read the same, at their own rates", "where they read otherwise, at Purser's rates"
MOMENT = "2026-11-28T12:00:00Z"
# Purser's meters of the prompt, then of the answer.
INPUT = {
    "input_tokens", "cache_read_tokens", "cache_read_audio_tokens", "cache_read_image_tokens", "cache_write_tokens",
    "cache_write_audio_tokens", "cache_write_1h_tokens", "cache_write_12h_tokens", "audio_input_tokens",
    "image_input_tokens", "video_input_tokens"}
OUTPUT = {
    "output_tokens", "reasoning_tokens", "audio_output_tokens", "image_output_tokens", "video_output_tokens"}
# The names of genai-prices, and the meters of Purser that they include.
INCLUDED = {
    "input_tokens": INPUT, "output_tokens": OUTPUT | {"citation_tokens"},
    "cache_read_tokens": {"cache_read_tokens", "cache_read_audio_tokens", "cache_read_image_tokens"},
    "cache_audio_read_tokens": {"cache_read_audio_tokens"}, "cache_image_read_tokens": {"cache_read_image_tokens"},
    "cache_write_tokens": {
        "cache_write_tokens", "cache_write_audio_tokens", "cache_write_1h_tokens", "cache_write_12h_tokens"},
    "cache_write_1h_tokens": {"cache_write_1h_tokens"},
    "input_audio_tokens": {"audio_input_tokens", "cache_read_audio_tokens", "cache_write_audio_tokens"},
    "input_image_tokens": {"image_input_tokens", "cache_read_image_tokens"}, "input_video_tokens": {"video_input_tokens"},
    "output_reasoning_tokens": {"reasoning_tokens"}, "output_audio_tokens": {"audio_output_tokens"},
    "output_image_tokens": {"image_output_tokens"}, "output_video_tokens": {"video_output_tokens"},
    "output_citation_tokens": {"citation_tokens"}, "web_searches": {"web_searches"},
}
# What genai-prices says of text and of writes for five minutes follows from the rest; what tools gave is in the prompt.
FOLLOWS = {
    "input_text_tokens", "output_text_tokens", "cache_text_read_tokens", "cache_write_5m_tokens", "input_tool_tokens",
    "input_text_tool_tokens"}


def included(quantities):
    """Purser's disjoint quantities as genai-prices counts."""
    counts = {name: sum(quantities.get(meter, 0) for meter in meters) for name, meters in INCLUDED.items()}
    known = set().union(*INCLUDED.values())
    return counts | {meter: count for meter, count in quantities.items() if meter not in known}


def theirs(form, response):
    """What genai-prices reads, and the model that it finds; or why it does not."""
    try:
        extracted = genai_prices.extract_usage(response, provider_id=form.provider, api_flavor=form.flavour)
    except ValueError as error:
        return str(error), None
    counts = {name: int(count) for name, count in extracted.usage._reported_values().items() if name not in FOLLOWS}
    return counts, extracted


def price(extracted, usage):
    """What the usage costs at the rates of genai-prices; nil if it does not say."""
    moment = datetime.fromisoformat(MOMENT).astimezone(timezone.utc)
    try:
        model = extracted.model
        return model.calc_price(usage, extracted.provider, genai_request_timestamp=moment).total_price
    except (ValueError, AttributeError):
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purser", required=True, help="the program that reads usages")
    parser.add_argument("--responses", type=int, default=300, help="of each form")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="unexplained differences to show of each form")
    arguments = parser.parse_args()
    purser, failed = Purser(arguments.purser, litellm_side.MAP, "book"), False
    totals, reasons, costs = Counter(), Counter(), defaultdict(Counter)
    for form in FORMS:
        responses = list(drawn(form, arguments.responses, arguments.seed))
        answers = purser.ask([("read", form.format, json.dumps(response)) for response in responses])
        shown = 0
        for response, answer in zip(responses, answers):
            read, extracted = theirs(form, response)
            quantities = json.loads(answer.split("\t")[0]) if answer.startswith("{") else answer
            if isinstance(read, str) or isinstance(quantities, str):
                differences = {"": (quantities, read)} if not (isinstance(read, str) and isinstance(quantities, str)) else {}
            else:
                ours = included(quantities)
                differences = {
                    name: (ours.get(name, 0), read.get(name, 0)) for name in ours | read
                    if ours.get(name, 0) != read.get(name, 0)}
            found = {name: explained(form, response, name, *pair) for name, pair in differences.items()}
            totals["equal" if not differences else "differ"] += 1
            for reading in {reading.id for reading in found.values() if reading}:
                reasons[reading] += 1
            if any(reading is None for reading in found.values()):
                failed = True
                totals["unexplained"] += 1
                shown += 1
                if shown <= arguments.show:
                    unknown = {name: differences[name] for name, reading in found.items() if reading is None}
                    print(f"UNEXPLAINED: {form.name}: {unknown} in {json.dumps(response)}")
            if extracted and isinstance(quantities, dict):
                where, kind = cost(purser, form, extracted, quantities, read, differences)
                costs[where][kind.partition(" costs ")[0]] += 1
                if kind.startswith("WRONG"):
                    failed = True
                    if shown <= arguments.show:
                        shown += 1
                        print(f"{kind}: {form.name}: {quantities} in {json.dumps(response)}")
    print(f"{len(FORMS)} forms of usage, {totals['equal'] + totals['differ']} responses: {totals['equal']} read the same")
    for reading in READINGS:
        if reasons[reading.id]:
            print(f"  {reasons[reading.id]} responses, {reading.id}; right is {reading.right}: {reading.reason}")
        elif arguments.responses >= 100:
            failed = True
            print(f"NO LONGER OCCURS: {reading.id}")
    for where, kinds in costs.items():
        print(f"  {where}: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    sys.exit(1 if failed else 0)


def explained(form, response, name, ours, theirs):
    case = Reading(form, response, name, ours, theirs)
    return next((reading for reading in READINGS if reading.explains(case)), None)


def cost(purser, form, extracted, quantities, read, differences):
    """How the cost of what Purser reads compares with that of what genai-prices reads: at its own rates each, and at
    Purser's rates both where they read something else."""
    def charged(quantities):
        context = sum(quantities.get(meter, 0) for meter in INPUT)
        answer, = purser.ask([(
            "cost", form.seller, form.model, "standard", "", MOMENT, str(context), json.dumps(quantities))])
        return Decimal(answer) / 10**9 if answer.isdigit() else answer

    ours = charged(quantities)
    if differences:
        other = charged(apart(read))
        if isinstance(ours, str) or isinstance(other, str):
            return OTHERWISE, f"for which the book has no price ({form.model}: {ours if isinstance(ours, str) else other})"
        return OTHERWISE, "the same" if ours == other else "more by Purser's reading" if ours > other else "less"
    their_cost = price(extracted, extracted.usage)
    if their_cost is None:
        return SAME, "not priced by genai-prices, which wants more details"
    if isinstance(ours, str):
        return SAME, f"WRONG: {form.model} is {ours}"
    is_equal = abs(ours - their_cost) <= Decimal("1e-9")
    return SAME, "equal" if is_equal else f"WRONG: {form.model} costs {ours} and {their_cost}"


def apart(read):
    """What genai-prices read as Purser counts: each token once."""
    of = Counter(read)
    cached = {"audio": of["cache_audio_read_tokens"], "image": of["cache_image_read_tokens"]}
    quantities = {
        "cache_read_audio_tokens": cached["audio"], "cache_read_image_tokens": cached["image"],
        "cache_read_tokens": of["cache_read_tokens"] - sum(cached.values()),
        "cache_write_1h_tokens": of["cache_write_1h_tokens"],
        "cache_write_tokens": of["cache_write_tokens"] - of["cache_write_1h_tokens"],
        "audio_input_tokens": of["input_audio_tokens"] - cached["audio"],
        "image_input_tokens": of["input_image_tokens"] - cached["image"],
        "video_input_tokens": of["input_video_tokens"] - of["cache_video_read_tokens"]}
    quantities["input_tokens"] = of["input_tokens"] - sum(quantities.values())
    made = {
        "reasoning_tokens": of["output_reasoning_tokens"], "audio_output_tokens": of["output_audio_tokens"],
        "image_output_tokens": of["output_image_tokens"], "video_output_tokens": of["output_video_tokens"],
        "citation_tokens": of["output_citation_tokens"]}
    made["output_tokens"] = of["output_tokens"] - sum(made.values())
    return {name: count for name, count in (quantities | made | {"web_searches": of["web_searches"]}).items() if count > 0}


if __name__ == "__main__":
    main()
