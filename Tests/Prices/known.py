"""Where Purser and litellm 1.109.1 charge differently, why, and who is right.

The first item of KNOWN that matches a difference explains it. Each item matches only what its reason is about: the part
of the usage, the tier and the fields of the map that cause the difference.
"""

from dataclasses import dataclass
from typing import Callable

from usages import INPUT_PARTS, OUTPUT_PARTS, PIECES, Usage, thresholds

CACHES = [part for part in INPUT_PARTS if part.startswith("cache_")]
STEMS = INPUT_PARTS | OUTPUT_PARTS


@dataclass
class Case:
    name: str
    entry: dict
    model: tuple
    usage: Usage
    ours: object
    theirs: object
    # Other entries of the map for the same model.
    twins: list

    @property
    def provider(self):
        return self.model[0]

    @property
    def label(self):
        return self.entry["litellm_provider"]

    def is_above(self):
        # xAI charges the higher rate from the threshold itself on.
        edge = 1 if self.provider == "xai" else 0
        return any(self.usage.input_tokens + edge > threshold for threshold in thresholds(self.entry))

    def uses_without(self, ending, parts):
        """Whether the usage has one of the parts, and the map has no price for that part with this ending."""
        return any(self.usage.has(part) and not self.entry.get(STEMS[part] + ending) for part in parts)

    def has_other_twin(self):
        """Whether the map has different prices for the same model under another name."""
        def prices(entry):
            return {name: value for name, value in entry.items() if "cost" in name}

        return any(prices(twin) != prices(self.entry) for twin in self.twins)

    def uses_at_zero(self):
        """Whether the usage has a part that the map prices at 0 although its whole has a price."""
        return any(self.usage.has(part) and self.entry.get(stem) == 0 for part, stem in STEMS.items()) or (
            self.usage.has("cache_write_1h_tokens", "cache_write_12h_tokens")
            and self.entry.get("cache_creation_input_token_cost") == 0)


@dataclass
class Known:
    id: str
    right: str
    reason: str
    explains: Callable = lambda case: False
    misses: Callable = lambda name: False


def batch(case):
    return case.usage.tier == "batch"


KNOWN = [
    Known(
        "finer than a femtodollar", "neither",
        "the map has a price in another currency divided out; a model, or a unit, whose price is not exact in 1e-15 USD is "
        "left out rather than rounded",
        explains=lambda case: str(case.ours).startswith("unpriced") and any(
            case.usage.has(unit) and len(repr(case.entry[stem])) > 16 for unit, stem in PIECES.items()),
        misses=lambda name: name.startswith("bigmodel/glm-5.3")),
    Known(
        "no prompt and tables", "Purser", "litellm finds no table of tiered_pricing for an empty prompt and the answer is free",
        explains=lambda case: case.usage.input_tokens == 0 and "tiered_pricing" in case.entry),
    Known(
        "no price in a tier", "Purser",
        "the map has a price only of priority and 0 for the others; not known to be free, Purser calls it unpriced",
        explains=lambda case: case.ours == "no price in force" and case.theirs == 0),
    Known(
        "a prefix twice", "Purser", "litellm takes perplexity/perplexity/sonar for perplexity/sonar, which costs something else",
        explains=lambda case: case.name.startswith("perplexity/perplexity/")),
    Known(
        "a 0 that is not known to mean free", "Purser",
        "the map writes 0 for no such price; DeepSeek, Tencent and others charge tokens that are written to a cache as a "
        "prompt. Purser charges the whole's price until someone says free: true",
        explains=lambda case: case.uses_at_zero()),
    Known(
        "a batch with caches", "Purser",
        "where the map has no batch price of a cached or written token, litellm charges the whole price of a batch token, "
        "that of a 5-minute write, or nothing at all; batch halves what that token costs otherwise",
        explains=lambda case: batch(case) and case.uses_without("_batches", CACHES)),
    Known(
        "a batch for nothing", "Purser",
        "litellm charges nothing for a batch of a model with tiered_pricing, or that it does not find under its name",
        explains=lambda case: batch(case) and case.theirs == 0),
    Known(
        "a batch with parts", "Purser",
        "litellm charges audio, images, video and reasoning of a batch as text where the map has no batch price of "
        "theirs; batch halves what they cost otherwise",
        explains=lambda case: batch(case)
        and case.uses_without("_batches", [part for part in STEMS if part not in CACHES])),
    Known(
        "a long batch", "Purser",
        "litellm forgets the threshold of a batch where the map gives only the standard price above it; Purser halves that",
        explains=lambda case: batch(case) and case.is_above()),
    Known(
        "a batch with units", "Purser", "litellm counts no images and seconds of a batch",
        explains=lambda case: batch(case) and case.usage.has(*PIECES)),
    Known(
        "Perplexity's caches and thresholds", "Purser",
        "litellm's calculator for Perplexity reads neither the price of cached tokens nor those above a threshold, both of "
        "which the map has",
        explains=lambda case: case.label == "perplexity" and (case.is_above() or case.usage.has(*CACHES))),
    Known(
        "the tiers of Fireworks", "Purser", "litellm's calculator for Fireworks drops the service tier; the map has its prices",
        explains=lambda case: case.provider == "fireworks_ai" and case.usage.tier in ("flex", "priority")),
    Known(
        "cached images", "Purser",
        "litellm never reads cache_read_input_image_token_cost and charges a cached image as cached text",
        explains=lambda case: case.usage.has("cache_read_image_tokens")),
    Known(
        "writes for an hour above a threshold", "Purser",
        "litellm drops the map's price of them above the threshold and takes the one below",
        explains=lambda case: case.is_above() and case.usage.has("cache_write_1h_tokens", "cache_write_12h_tokens")),
    Known(
        "parts like their whole", "Purser",
        "the map gives a part one price, the same as its whole's, and the whole another above a threshold or in a tier; "
        "providers charge all tokens by that, litellm keeps the part at the first",
        explains=lambda case: not batch(case) and (case.is_above() or case.usage.tier != "standard") and any(
            case.usage.has(part) and case.entry.get(stem) == case.entry.get(whole)
            for parts, whole in ((INPUT_PARTS, "input_cost_per_token"), (OUTPUT_PARTS, "output_cost_per_token"))
            for part, stem in parts.items() if part not in CACHES)),
    Known(
        "two entries for one model", "not known",
        "the map has the model under two names with different prices; Purser takes the fields of both and the larger figure",
        explains=lambda case: case.has_other_twin()),
]
