#!/usr/bin/env python3
"""Asks genai-prices and the shipped price book what one plain call of every model and name costs, on several days.

Run by `make test-prices`. A model that the catalogue knows and the book does not, and a difference without a reason, is
told; the run fails if more than SHARE_UNKNOWN of the names are unknown, or if any difference has no reason. A reason is
what the book says of the price: which source decided, and what the other says.
"""
import argparse
import json
import sys
from collections import Counter
from datetime import datetime
from decimal import Decimal

from genai_prices import data
from genai_prices.types import StartDateConstraint, TieredPrices, Usage

import litellm_side
from book import FOLDER, PROVIDERS, WHOLE, Book
from purser import Purser

DAYS = ["2026-11-28", "2026-09-15", "2026-08-01", "2026-06-01", "2026-03-01", "2025-12-01", "2025-06-01"]
SHARE_UNKNOWN = 0.02
INPUT, CACHED, OUTPUT = 1_000, 300, 500
KEYS = {
    "input_tokens": "input_mtok", "cache_read_tokens": "cache_read_mtok", "output_tokens": "output_mtok",
    "requests": "requests_kcount"}


def rate(prices, meter):
    """The price of a meter in the catalogue, for a short prompt and for the dearest; nil without one."""
    value = getattr(prices, KEYS[meter], None)
    if value is None:
        return None
    pieces = 1000 if meter == "requests" else 1
    if isinstance(value, TieredPrices):
        return value.base / pieces, max([value.base, *(tier.price for tier in value.tiers)]) / pieces
    return value / pieces, value / pieces


class Call:
    """What both are asked about."""

    def __init__(self, provider, model, name, day):
        of_others = provider.id == "google" and name.startswith(("claude", "anthropic"))
        self.provider = "vertex_ai" if of_others else PROVIDERS.get(provider.id, provider.id)
        self.name, self.model = name, model
        self.moment = f"{day}T12:00:00Z"
        self.when = datetime.fromisoformat(self.moment)
        self.tier, self.region, self.input_tokens = "standard", "", INPUT
        self.prices = model.get_prices(self.when)
        self.parts = {"input_tokens": INPUT - CACHED, "cache_read_tokens": CACHED}
        if rate(self.prices, "output_tokens"):
            self.parts["output_tokens"] = OUTPUT
        if rate(self.prices, "requests"):
            self.parts["requests"] = 1
        usage = Usage(input_tokens=INPUT, cache_read_tokens=CACHED, output_tokens=OUTPUT)
        self.theirs = self.prices.calc_price(usage)["total_price"]

    def purser(self):
        return self.parts

    def is_dated(self, meter):
        """Whether the catalogue knows when the price of a meter became what it is."""
        if not isinstance(self.model.prices, list):
            return False
        known = [
            rate(price.prices, meter) for price in self.model.prices
            if not isinstance(price.constraint, StartDateConstraint) or price.constraint.active(self.when)]
        return any(price != known[0] for price in known)


def names(model):
    """Every name that the catalogue says in full."""
    found = {model.id}

    def walk(clause):
        if (name := getattr(clause, "equals", None)) is not None:
            found.add(name)
        for part in getattr(clause, "or_", None) or []:
            walk(part)

    walk(model.match)
    return sorted(found)


class Sources:
    """What the sources of the book say themselves, beside what it says of them."""

    def __init__(self, command):
        self.pages = Book(FOLDER / "pages")
        self.map = Purser(command, litellm_side.MAP)

    def confirm(self, rate, found, meter, call):
        """Whether the source of a price in the book has it."""
        if rate.source == "pages":
            said = self.pages.rates(*found, call.when).get(meter)
            return said is not None and said.price == rate.price
        answer, = self.map.ask([(
            "cost", *found, "standard", "", call.moment, str(INPUT), json.dumps({meter: 1 if meter == "requests" else 10**6}))])
        return answer.isdigit() and Decimal(answer) / 10**9 == rate.price


def reasons(call, found, book, sources):
    """Why Purser charges something else for each meter of the call, and who is right; nil where nobody knows."""
    rates = book.rates(*found, call.when)
    for meter in call.parts:
        ours, whole = rates.get(meter), rates.get(WHOLE.get(meter))
        undetailed = rates.get("undetailed_output_tokens")
        if meter == "output_tokens" and undetailed:
            if not sources.confirm(undetailed, found, "undetailed_output_tokens", call):
                yield None
            yield "output of a model that makes images or speech is that; right is Purser"
            continue
        theirs = rate(call.prices, meter)
        other = theirs or rate(call.prices, WHOLE.get(meter, meter))
        if ours is None and theirs is None and meter in WHOLE:
            # Both charge it as its whole, which has a reason of its own.
            continue
        if ours is None and whole is None or other is None or (ours or whole).price == other[0]:
            continue
        if ours is None or not sources.confirm(ours, found, meter, call):
            yield None
        elif ours.source == "pages":
            yield "the provider's own page decides; right is Purser"
        elif ours.source == "litellm" and theirs is None:
            yield "only litellm has a price of cached input; right is Purser"
        elif ours.source == "litellm" and not call.is_dated(meter) and (ours.dearest, ours.price) > (other[1], other[0]):
            yield "neither source knows a day, and the dearer one holds; right is not known"
        else:
            yield None


def kind_of_nothing(call, model):
    """What it means that the catalogue charges nothing for a call that the book has no price for."""
    prices = [price for price in vars(call.prices).values() if isinstance(price, (Decimal, TieredPrices)) and price]
    if not prices:
        return "at 0 in the catalogue, and unpriced: the book takes a 0 only from who says that it is free"
    return "unknown" if model == "unpriced" else "priced by other units than tokens in both"


def why_unknown(call):
    """Why the book lacks what the catalogue prices; nil where nobody knows."""
    # A price by the hour is one by the second in the book, which is exact in 1e-15 USD or left out.
    hours = [price for key, price in vars(call.prices).items() if key.endswith("_hours") and isinstance(price, Decimal)]
    if any(price * 10**15 % 3600 for price in hours):
        return "its price of a second is no whole number of femtodollars, and left out rather than rounded"
    if (call.model.price_comments or "").startswith("Imported from OpenRouter pricing"):
        return "it is OpenRouter's price, as the catalogue itself says; nobody verified it at the provider"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purser", required=True, help="the program that rates by the shipped prices")
    parser.add_argument("--every", type=int, default=1, help="only every n-th model")
    parser.add_argument("--show", type=int, default=30, help="unknown names and unexplained differences to show of a day")
    arguments = parser.parse_args()
    purser, book, failed = Purser(arguments.purser, litellm_side.MAP, "book"), Book(), False
    sources = Sources(arguments.purser)
    models = [(provider, model) for provider in data.providers for model in provider.models][:: arguments.every]
    print("genai-prices' names, on seven days; litellm's map has no days, and is compared for today alone")
    for day in DAYS:
        counts, found, unknown, unexplained = Counter(), Counter(), [], []
        calls = [(f"{provider.id}/{name}", Call(provider, model, name, day))
                 for provider, model in models for name in names(model)]
        meant = purser.ask([("find", call.provider, call.name) for _, call in calls])
        for (name, call), model in zip(calls, meant):
            answer, = purser.costs_of(call.provider, call.name, [call])
            if not answer.isdigit():
                kind = kind_of_nothing(call, model) if call.theirs == 0 else "unknown"
                counts[kind] += 1
                if kind == "unknown":
                    unknown.append((name, why_unknown(call)))
                continue
            ours = Decimal(answer) / 10**9
            if abs(ours - call.theirs) <= Decimal("2e-9"):
                counts["equal"] += 1
                continue
            why = set(reasons(call, model.split("\t")[:2], book, sources))
            counts["differ"] += 1
            found["; and ".join(sorted(reason or "UNEXPLAINED" for reason in why))] += 1
            if not why or None in why:
                unexplained.append(f"UNEXPLAINED: {name}: {ours} and {call.theirs}")
        share = len(unknown) / counts.total()
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
        print(f"{day}: {kinds}, {share:.1%} unknown")
        for why, count in found.most_common():
            print(f"  {count} differ: {why}")
        for name, why in unknown[: arguments.show]:
            print(f"  unknown: {name}: {why or 'NO REASON'}")
        for line in unexplained[: arguments.show]:
            print(f"  {line}")
        if unexplained or share > SHARE_UNKNOWN or any(why is None for _, why in unknown):
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
