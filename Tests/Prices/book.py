"""The shipped price book, as far as an explanation of a difference needs it: each price, and the source that decided."""
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "pricing"
# Providers of genai-prices whose names differ in the price book.
PROVIDERS = {
    "aws": "bedrock", "fireworks": "fireworks_ai", "github-copilot": "github_copilot", "moonshotai": "moonshot",
    "together": "together_ai", "voyageai": "voyage", "x-ai": "xai"}
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What a part costs where it has no price of its own.
WHOLE = {"cache_read_tokens": "input_tokens"}


@dataclass
class Rate:
    # Per million tokens, or per piece.
    price: Decimal
    # The dearest that the deciding source charges for it, for prompts of any size.
    dearest: Decimal
    source: str


def moment(value):
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return datetime(value.year, value.month, value.day, tzinfo=timezone.utc) if isinstance(value, date) else None


def applies(hours, when):
    """Whether hours of the week, such as `mon-fri 16:30-24:00, sat 00:00-24:00`, contain a time in UTC."""
    for part in hours.split(", "):
        days, *spans = part.split(" ")
        first, last = (WEEK.index(day) for day in (days.split("-") * 2)[:2])
        clock = f"{when:%H:%M}"
        if first <= when.weekday() <= last and any(span[:5] <= clock < span[6:] for span in spans):
            return True
    return False


class Book:
    def __init__(self, folder=FOLDER):
        self.models = {}
        for path in folder.glob("*.yaml"):
            file = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
            first = next(iter(file["sources"])) if "sources" in file else self.only(file["source"])
            for name, model in file["models"].items():
                for entry in model["prices"]:
                    entry.setdefault("source", first)
                for known in [name, *model.get("aliases", [])]:
                    self.models.setdefault((file["provider"], known.lower()), model["prices"])

    @staticmethod
    def only(figures):
        """The key of the source of a file that has one."""
        return "genai-prices" if figures.startswith("genai-prices") else "litellm" if "litellm" in figures else "pages"

    def rates(self, provider, name, when):
        """The standard prices of a model for a short prompt at a time."""
        entries = self.models.get((provider, name.lower()), [])
        found = {}
        for source in {entry["source"] for entry in entries}:
            own = [entry for entry in entries if entry["source"] == source]
            in_force = [entry for entry in own if moment(entry["from"]) <= when]
            if not in_force or "until" in in_force[-1] and moment(in_force[-1]["until"]) <= when:
                continue
            entry = in_force[-1]
            always = entry.get("standard", {}) | entry.get("each", {})
            now = dict(always)
            for hours, prices in entry.get("hours", {}).items():
                if applies(hours, when):
                    now |= prices.get("standard", {}) | prices.get("each", {})
            for meter, price in now.items():
                every = [part.get("standard", {}).get(meter) for name, part in entry.items() if name.startswith("above_")]
                every += [part.get("standard", {}).get(meter) for part in entry.get("hours", {}).values()]
                found[meter] = Rate(
                    price=figure(price), source=source,
                    dearest=max(figure(other) for other in [price, always.get(meter), *every] if other is not None))
        return found


def figure(price):
    return Decimal(price["price"] if isinstance(price, dict) else price)
