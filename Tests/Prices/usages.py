"""Draws random usages where prices of a model change: caches, parts, both sides of thresholds, service tiers."""

import random
import re
from dataclasses import dataclass, field

# Purser's meter for each part, and the field of the map that prices it.
INPUT_PARTS = {
    "cache_read_tokens": "cache_read_input_token_cost",
    "cache_write_tokens": "cache_creation_input_token_cost",
    "cache_write_1h_tokens": "cache_creation_input_token_cost_above_1hr",
    "cache_write_12h_tokens": "cache_creation_input_token_cost_above_12hr",
    "audio_input_tokens": "input_cost_per_audio_token",
    "image_input_tokens": "input_cost_per_image_token",
    "video_input_tokens": "input_cost_per_video_token",
    "cache_read_audio_tokens": "cache_read_input_audio_token_cost",
    "cache_read_image_tokens": "cache_read_input_image_token_cost",
}
OUTPUT_PARTS = {
    "reasoning_tokens": "output_cost_per_reasoning_token",
    "audio_output_tokens": "output_cost_per_audio_token",
    "image_output_tokens": "output_cost_per_image_token",
    "video_output_tokens": "output_cost_per_video_token",
}
PIECES = {
    "images": "input_cost_per_image",
    "audio_input_seconds": "input_cost_per_audio_per_second",
    "video_input_seconds": "input_cost_per_video_per_second",
}
# Parts that a call may use even if they have no price of their own: the price of their whole applies.
ALWAYS = {"cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens"}
# Tiers that are drawn for every model. `fast` and `ultrafast` are drawn only for models that have prices for them.
TIERS = ("standard", "batch", "flex", "priority")
# A Wednesday, at a time that is off-peak for no provider.
PEAK = "2026-11-18T02:00:00Z"
# Also the boundaries of peak hours, and a weekend.
MOMENTS = (
    PEAK, "2026-11-18T00:59:59Z", "2026-11-18T01:00:00Z", "2026-11-18T04:00:00Z", "2026-11-18T05:59:59Z",
    "2026-11-18T06:00:00Z", "2026-11-18T10:00:00Z", "2026-11-18T23:59:59Z", "2026-11-21T02:00:00Z",
    "2026-11-22T20:00:00Z")
# For these providers, litellm asks for a login before it prices a batch.
NO_BATCH = ("github_copilot", "chatgpt")


@dataclass
class Usage:
    """The whole prompt and output, and their parts by Purser's meters. The parts do not overlap."""

    tier: str
    input_tokens: int
    output_tokens: int
    parts: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    moment: str = PEAK
    region: str = ""

    def has(self, *names):
        return any(self.parts.get(name) or self.units.get(name) for name in names)

    def purser(self):
        """Returns quantities that count each token once: a whole's meter counts only the tokens that no part counts."""
        taken = sum(quantity for name, quantity in self.parts.items() if name in INPUT_PARTS)
        made = sum(self.parts.values()) - taken
        return {
            "input_tokens": self.input_tokens - taken, "output_tokens": self.output_tokens - made,
            **self.parts, **self.units}


def priced(entry, stem):
    """Whether the entry has a price for this field in any tier or above any threshold."""
    if any(value for name, value in entry.items() if name.startswith(stem) and not is_other(name, stem)):
        return True
    return any(table.get(stem) for table in entry.get("tiered_pricing") or [])


def is_other(name, stem):
    """Whether `name` is a field of its own: `cache_creation_input_token_cost_above_1hr` is not a threshold."""
    return re.search(r"_above_\d+hr", name[len(stem):]) is not None


def thresholds(entry):
    found = set()
    for name in entry:
        if hit := re.search(r"_above_(\d+)(k?)_tokens", name):
            found.add(int(hit[1]) * (1000 if hit[2] else 1))
    for table in entry.get("tiered_pricing") or []:
        if table.get("range"):
            found.add(int(table["range"][0]))
    return sorted(found - {0})


def sizes(entry, rng):
    """Draws the size of a prompt: none, a few tokens, around a threshold, or any size."""
    choices = [0, 1, 2, 7]
    for threshold in thresholds(entry):
        choices += [threshold - 1, threshold, threshold + 1, threshold * 3, rng.randrange(threshold * 2)] * 2
    choices += [rng.randrange(1, 10 ** rng.randint(1, 6)) for _ in range(12)]
    return rng.choice(choices)


def split(total, names, rng):
    """Splits a total among some of the names; the rest belongs to no part."""
    parts = {}
    left = total
    for name in rng.sample(names, rng.randint(0, min(len(names), 4))):
        share = rng.choice([0, 1, left, rng.randint(0, left)])
        if share and share <= left:
            parts[name] = share
            left -= share
    return parts


def regions(entry):
    """Returns the regions for which the map has a factor on the price."""
    found = [name.rsplit("_", 1)[1] for name in entry if name.startswith("regional_processing_uplift_multiplier_")]
    if "us" in (entry.get("provider_specific_entry") or {}):
        found.append("us")
    if "regional_endpoint_uplift_multiplier" in entry:
        found.append("regional")
    return found


def usages(entry, name, count, seed):
    rng = random.Random(f"{seed} {name}")
    has_output = priced(entry, "output_cost_per_token")
    # A model without output, such as an embedding, reads no cache.
    inputs = [part for part, stem in INPUT_PARTS.items() if (has_output and part in ALWAYS) or priced(entry, stem)]
    outputs = [part for part, stem in OUTPUT_PARTS.items() if (has_output and part in ALWAYS) or priced(entry, stem)]
    has_input = priced(entry, "input_cost_per_token")
    units = [unit for unit, stem in PIECES.items() if entry.get(stem) and (unit != "images" or entry.get("mode") == "embedding")]
    tiers = [tier for tier in TIERS[1:] if tier != "batch" or entry["litellm_provider"] not in NO_BATCH]
    tiers += ["ultrafast"] if any(name.endswith("_ultrafast") for name in entry) else []
    tiers += ["fast"] if "fast" in (entry.get("provider_specific_entry") or {}) else []
    places = regions(entry)
    for index in range(count):
        tier = rng.choice(tiers) if index % 2 else "standard"
        total = sizes(entry, rng) if has_input else 0
        answer = rng.choice([0, 1, rng.randint(2, 100), rng.randint(2, 200_000)])
        usage = Usage(tier, total, answer, split(total, inputs, rng))
        if not has_output:
            # All output belongs to one part that has a price.
            usage.output_tokens = 0
            if outputs:
                part = rng.choice(outputs)
                usage.output_tokens = answer
                if answer:
                    usage.parts[part] = answer
        else:
            usage.parts |= split(answer, outputs, rng)
        if units and rng.random() < 0.3:
            usage.units = {unit: rng.randint(1, 50) for unit in rng.sample(units, rng.randint(1, len(units)))}
        # litellm knows no regions of Anthropic in a batch.
        if places and rng.random() < 0.3 and (tier != "batch" or "provider_specific_entry" not in entry):
            usage.region = rng.choice(places)
        if "off_peak_pricing" in entry and tier != "batch":
            usage.moment = rng.choice(MOMENTS)
        yield usage
