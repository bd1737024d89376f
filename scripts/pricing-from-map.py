#!/usr/bin/env python3
"""Write pricing/<provider>.yaml from the community price map of litellm (MIT licence).

    pip download --no-deps litellm && unzip litellm-*.whl
    scripts/pricing-from-map.py litellm/model_prices_and_context_window_backup.json \\
        --map-version 1.109.1 --retrieved 2026-11-21 --out pricing

The same map and arguments write the same bytes. A figure is carried over exactly or the program stops: no rounding,
no binary floating point. What is left out is counted with its reason on standard error. The files it writes are the
starting point of a price book, to be corrected by hand afterwards (pricing/README.md says how); running it again
overwrites them.
"""

import argparse
import json
import pathlib
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Provider:
    """One file. `labels` are the map's provider names, `prefixes` what it puts in front of a model's name."""

    name: str
    title: str
    page: str
    labels: tuple[str, ...]
    prefixes: tuple[str, ...]
    is_maker: bool = False


PROVIDERS = (
    Provider("openai", "OpenAI", "https://developers.openai.com/api/docs/pricing",
             ("openai", "text-completion-openai"), ("openai/",), is_maker=True),
    Provider("anthropic", "Anthropic", "https://platform.claude.com/docs/en/about-claude/pricing",
             ("anthropic",), ("anthropic/",), is_maker=True),
    Provider("google", "Google, the Gemini API", "https://ai.google.dev/gemini-api/docs/pricing",
             ("gemini",), ("gemini/",), is_maker=True),
    Provider("vertex_ai", "Google Cloud Vertex AI", "https://cloud.google.com/vertex-ai/generative-ai/pricing",
             ("vertex_ai", "vertex_ai-*"), ("vertex_ai/",)),
    Provider("bedrock", "Amazon Bedrock", "https://aws.amazon.com/bedrock/pricing/",
             ("bedrock", "bedrock_converse"), ("bedrock/invoke/", "bedrock/")),
    Provider("bedrock_mantle", "Amazon Bedrock, its OpenAI-compatible endpoint",
             "https://aws.amazon.com/bedrock/pricing/", ("bedrock_mantle",), ("bedrock_mantle/",)),
    Provider("azure", "Azure OpenAI",
             "https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/",
             ("azure", "azure_text"), ("azure/",)),
    Provider("azure_ai", "Azure AI Foundry", "https://azure.microsoft.com/en-us/pricing/details/ai-foundry/",
             ("azure_ai",), ("azure_ai/",)),
    Provider("mistral", "Mistral AI", "https://mistral.ai/pricing", ("mistral",), ("mistral/",), is_maker=True),
    Provider("deepseek", "DeepSeek", "https://api-docs.deepseek.com/quick_start/pricing",
             ("deepseek",), ("deepseek/",), is_maker=True),
    Provider("cohere", "Cohere", "https://cohere.com/pricing", ("cohere", "cohere_chat"), ("cohere/",), is_maker=True),
    Provider("xai", "xAI", "https://docs.x.ai/docs/models", ("xai",), ("xai/",), is_maker=True),
    Provider("groq", "Groq", "https://groq.com/pricing", ("groq",), ("groq/",)),
    Provider("together_ai", "Together AI", "https://www.together.ai/pricing", ("together_ai",), ("together_ai/",)),
    Provider("fireworks_ai", "Fireworks AI", "https://fireworks.ai/pricing",
             ("fireworks_ai", "fireworks_ai-embedding-models"), ("fireworks_ai/",)),
)

# A meter, the map's field for it, and the whole it is a part of.
METERS = (
    ("input_tokens", "input_cost_per_token", None),
    ("cache_read_tokens", "cache_read_input_token_cost", None),
    ("cache_write_tokens", "cache_creation_input_token_cost", None),
    ("cache_write_1h_tokens", "cache_creation_input_token_cost_above_1hr", None),
    ("audio_input_tokens", "input_cost_per_audio_token", "input_tokens"),
    ("image_input_tokens", "input_cost_per_image_token", "input_tokens"),
    ("output_tokens", "output_cost_per_token", None),
    ("reasoning_tokens", "output_cost_per_reasoning_token", "output_tokens"),
    ("audio_output_tokens", "output_cost_per_audio_token", "output_tokens"),
)
TIERS = (("standard", ""), ("batch", "_batches"), ("flex", "_flex"), ("priority", "_priority"))
MODES = ("chat", "completion", "responses", "embedding")

# The map says 0 both for what is free of charge and for what it does not know. Only these are known to be free:
# Google's price page calls Gemma on the Gemini API "free of charge", with no paid tier.
KNOWN_TO_BE_FREE = {"google": re.compile(r"gemma-\d.*")}

FIRST_DAY = "2020-01-01"
RETIRED_BEFORE = "2026-01-01"
TOKENS_PER_PRICE = 10**6
FEMTODOLLARS_PER_USD = 10**15
PRICE_FIELD = re.compile(r"cost|pricing|multiplier|provider_specific_entry")


@dataclass
class Model:
    """`rates[above][tier][meter]` is USD for one token, `each[meter]` USD for one of anything else."""

    max_input_tokens: int | None
    max_output_tokens: int | None
    rates: dict[int, dict[str, dict[str, Decimal]]] = field(default_factory=dict)
    each: dict[str, Decimal] = field(default_factory=dict)
    free: bool = False


def provider_of(label: str) -> Provider | None:
    for provider in PROVIDERS:
        for own in provider.labels:
            if label == own or own.endswith("*") and label.startswith(own[:-1]):
                return provider
    return None


def bare_name(provider: Provider, name: str) -> str:
    for prefix in provider.prefixes:
        if name.startswith(prefix):
            return name[len(prefix):]
    return name


def reason_to_skip(name: str, entry: dict) -> str | None:
    if entry.get("mode") not in MODES:
        return f"mode is {entry.get('mode') or 'not given'}"
    if entry.get("deprecation_date", "9999") < RETIRED_BEFORE:
        return f"retired before {RETIRED_BEFORE}"
    if name.startswith("ft:"):
        return "a template for fine-tuned models"
    if re.match(r"(together|fireworks)-ai-", name):
        return "a size class, not a model"
    if "-commitment/" in name:
        return "rented by the hour, not priced by the call"
    if "-tts" in name or entry.get("output_cost_per_video_token"):
        return "makes speech or video"
    return None


def merged(first: dict, second: dict) -> dict:
    """One model under two of the map's names: the fields of both; where they differ, the larger figure."""
    both = dict(first)
    for key, value in second.items():
        if isinstance(value, (int, Decimal)) and isinstance(both.get(key), (int, Decimal)):
            value = max(value, both[key])
        both[key] = value
    return both


def whole(value, where: str) -> int | None:
    if value is None:
        return None
    if value != int(value) or value < 0:
        raise ValueError(f"{where}: {value} is not a whole number of tokens")
    return int(value)


def read_rates(entry: dict, carried: set[str]) -> dict:
    thresholds = {int(found[1]) * 1000 for key in entry if (found := re.search(r"_above_(\d+)k_tokens", key))}
    rates: dict = {}
    for above in (0, *sorted(thresholds)):
        middle = f"_above_{above // 1000}k_tokens" if above else ""
        for tier, ending in TIERS:
            for meter, stem, _ in METERS:
                key = stem + middle + ending
                # A single 0 among prices means "not known" or "no such thing"; the meter's whole then prices it.
                if entry.get(key):
                    rates.setdefault(above, {}).setdefault(tier, {})[meter] = Decimal(entry[key])
                carried.add(key)
    return rates


def without_repeats(rates: dict) -> dict:
    """Drops a part priced everywhere as its whole is: saying it again would outlive a change of the whole."""
    for part, _, parent in METERS:
        places = [meters for tiers in rates.values() for meters in tiers.values() if part in meters]
        if parent and all(meters[part] == meters.get(parent) for meters in places):
            for meters in places:
                del meters[part]
    return rates


def read_each(entry: dict, carried: set[str]) -> dict[str, Decimal]:
    each = {}
    # Outside embeddings an image is billed as tokens; its price apiece would be a second charge.
    if entry["mode"] == "embedding" and entry.get("input_cost_per_image"):
        each["images"] = Decimal(entry["input_cost_per_image"])
        carried.add("input_cost_per_image")
    per_search = set(entry.get("search_context_cost_per_query", {}).values())
    if len(per_search) == 1 and (price := per_search.pop()):
        each["web_searches"] = Decimal(price)
        carried.add("search_context_cost_per_query")
    return each


def read_model(provider: Provider, name: str, entry: dict, left_out: Counter) -> Model | str:
    """The model, or the reason why it is left out."""
    carried: set[str] = set()
    is_embedding = entry["mode"] == "embedding"
    model = Model(
        max_input_tokens=whole(entry.get("max_input_tokens"), name),
        # An embedding has no output tokens, whatever its entry repeats there.
        max_output_tokens=0 if is_embedding else whole(entry.get("max_output_tokens"), name),
        rates=without_repeats(read_rates(entry, carried)),
        each=read_each(entry, carried),
    )
    both = (entry.get("input_cost_per_token"), entry.get("output_cost_per_token"))
    if both == (0, 0):
        if not (name_of_free := KNOWN_TO_BE_FREE.get(provider.name)) or not name_of_free.fullmatch(name):
            return "0 in the map, not known to be free"
        model.free = True
        model.rates = {0: {"standard": {"input_tokens": Decimal(0), "output_tokens": Decimal(0)}}}
        model.each = {}
    elif not both[0] or not (both[1] or is_embedding):
        return "no price per input token, or none per output token"
    for key in entry:
        if key not in carried and entry[key] and PRICE_FIELD.search(key):
            left_out[re.sub(r"_above_\d+k_tokens", "", key)] += 1
    return model


def decimal_text(usd: Decimal) -> str:
    """At least two places, no more than are needed."""
    text = f"{usd:f}"
    head, _, tail = text.partition(".")
    return f"{head}.{tail.rstrip('0').ljust(2, '0')}"


def price_text(usd_per_unit: Decimal, units: int, where: str) -> str:
    if usd_per_unit * FEMTODOLLARS_PER_USD % 1 or usd_per_unit < 0:
        raise ValueError(f"{where}: {usd_per_unit} USD is not a whole number of femtodollars")
    return f'"{decimal_text(usd_per_unit * units)}"'


def flow(prices: dict[str, Decimal], units: int, where: str) -> str:
    return "{" + ", ".join(f"{meter}: {price_text(usd, units, where)}" for meter, usd in prices.items()) + "}"


def model_lines(name: str, model: Model) -> list[str]:
    lines = [f"  {name}:"]
    if model.max_input_tokens is not None:
        lines.append(f"    max_input_tokens: {model.max_input_tokens}")
    if model.max_output_tokens is not None:
        lines.append(f"    max_output_tokens: {model.max_output_tokens}")
    lines += ["    prices:", f"      - from: {FIRST_DAY}"]
    if model.free:
        lines.append("        free: true")
    for above, tiers in sorted(model.rates.items()):
        indent = " " * 8
        if above:
            lines.append(f"{indent}above_{above}_tokens:")
            indent += "  "
        lines += [f"{indent}{tier}: {flow(meters, TOKENS_PER_PRICE, name)}" for tier, meters in tiers.items()]
    if model.each:
        lines.append(f"        each: {flow(model.each, 1, name)}")
    return lines


def file_text(provider: Provider, models: dict[str, Model], arguments: argparse.Namespace) -> str:
    lines = [
        f"# What {provider.title} charges. README.md beside this file tells how to read and change it.",
        f"provider: {provider.name}",
        f"maker: {'true' if provider.is_maker else 'false'}",
        f"source: the price map of litellm {arguments.map_version} (MIT), field for field; "
        f"the provider's own page is {provider.page}",
        f"retrieved: {arguments.retrieved}",
        "currency: USD",
        f"per: {TOKENS_PER_PRICE} tokens",
        "models:",
    ]
    for name in sorted(models):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@+|=-]{0,127}", name):
            raise ValueError(f"{name!r} is not a name Purser accepts")
        lines += model_lines(name, models[name])
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write pricing/*.yaml from litellm's price map.")
    parser.add_argument("map", type=pathlib.Path, help="model_prices_and_context_window_backup.json")
    parser.add_argument("--map-version", required=True, help="the litellm release the map was taken from")
    parser.add_argument("--retrieved", required=True, help="the day it was taken, YYYY-MM-DD")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("pricing"))
    arguments = parser.parse_args()

    entries: dict[str, dict[str, dict]] = {provider.name: {} for provider in PROVIDERS}
    skipped: Counter = Counter()
    for full_name, entry in json.loads(arguments.map.read_text(), parse_float=Decimal).items():
        if (provider := provider_of(entry.get("litellm_provider") or "")) is None:
            skipped["another provider"] += 1
        elif reason := reason_to_skip(full_name, entry):
            skipped[reason] += 1
        else:
            name = bare_name(provider, full_name)
            known = entries[provider.name]
            skipped["another name of a model already there"] += name in known
            known[name] = merged(known[name], entry) if name in known else entry

    left_out: Counter = Counter()
    for provider in PROVIDERS:
        models: dict[str, Model] = {}
        for name, entry in entries[provider.name].items():
            model = read_model(provider, name, entry, left_out)
            if isinstance(model, Model):
                models[name] = model
            else:
                skipped[model] += 1
                print(f"left out: {provider.name}/{name}: {model}", file=sys.stderr)
        (arguments.out / f"{provider.name}.yaml").write_text(file_text(provider, models, arguments))
        prices = sum(len(m) for model in models.values() for t in model.rates.values() for m in t.values())
        each = sum(len(model.each) for model in models.values())
        print(f"{provider.name}.yaml: {len(models)} models, {prices + each} prices", file=sys.stderr)
    for title, counts in (("Entries skipped", skipped), ("Price fields not carried", left_out)):
        print(f"\n{title}:", *(f"  {n:5} {reason}" for reason, n in counts.most_common()), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
