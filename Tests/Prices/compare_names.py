#!/usr/bin/env python3
"""Asks the shipped price book for every entry of the price map, in the words in which LiteLLM's proxy and callbacks name it.

Run by `make test-prices`. Each way of naming an entry must lead to the model that the importer made of it, or to one at
the same prices. A name without a provider in it may mean the maker's own API, or be ambiguous where several sell it.
"""
import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass

import litellm_side
from purser import Purser

import litellm

# litellm asks for a login before it names the provider of these.
ASK_FOR_LOGIN = ("github_copilot", "chatgpt")
SPLIT = "as litellm's get_llm_provider splits the key"
REGION = re.compile("us-gov-[a-z]+-[0-9]/")


def ways(name, label):
    """The ways in which LiteLLM names an entry: the provider, if it is named, and the model."""
    yield "the key alone", "", name
    yield "litellm_provider and the key", label, name
    yield "litellm_provider and the key without it", label, name.removeprefix(f"{label}/")
    if label not in ASK_FOR_LOGIN:
        try:
            model, provider, _, _ = litellm.get_llm_provider(name)
        except Exception:  # litellm raises plain Exceptions
            return
        yield SPLIT, provider, model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purser", required=True, help="the program that resolves names")
    parser.add_argument("--show", type=int, default=20, help="failures to show of each way")
    arguments = parser.parse_args()
    with open(litellm_side.MAP) as file:
        price_map = json.load(file)
    purser, failed = Purser(arguments.purser, litellm_side.MAP, "book"), False
    names = sorted(purser.names)
    # Which entries are named by a provider and the rest of the key.
    others = defaultdict(list)
    for name in names:
        label = price_map[name]["litellm_provider"]
        others[label.lower(), name.removeprefix(f"{label}/").lower()].append(name)
    meant = dict(zip(names, purser.ask([("find", *purser.names[name]) for name in names])))
    by_google = dict(zip(names, purser.ask([("find", "google", name) for name in names])))
    asked = []
    for name in names:
        for way, provider, model in ways(name, price_map[name]["litellm_provider"]):
            asked.append((way, name, provider, model))
            asked.append((f"{way}, in capitals", name, provider.upper(), model.upper()))
    answers = purser.ask([("find", provider, model) for _, _, provider, model in asked])
    counts, wrong = defaultdict(Counter), defaultdict(list)
    for (way, name, provider, model), answer in zip(asked, answers):
        kind = judged(Asked(name, provider.lower(), model.lower(), answer), meant, purser, others, by_google)
        counts[way][kind] += 1
        if kind == "WRONG":
            failed = True
            wrong[way].append(f"{provider or '-'} {model}: {answer}, not {'/'.join(purser.names[name])}")
    print(f"{len(names)} entries of the map, in LiteLLM's words; get_llm_provider does not say the provider of "
          f"{len(names) - sum(way == SPLIT for way, *_ in asked)}")
    for way, kinds in counts.items():
        print(f"  {way}: " + "; ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
        for line in wrong[way][: arguments.show]:
            print(f"    WRONG: {line}")
    sys.exit(1 if failed else 0)


@dataclass
class Asked:
    """A question: an entry of the map, in LiteLLM's words without capitals, and the answer."""
    name: str
    provider: str
    model: str
    answer: str


def judged(asked, meant, purser, others, by_google):
    found, own = asked.answer.split("\t"), meant[asked.name].split("\t")
    if found == own and len(own) == 3:
        return "found"
    if len(found) == 3 and found[2] == own[2]:
        return "found another at the same prices"
    provider, model = purser.names[asked.name]
    if not asked.provider:
        if found[0] == "ambiguous" and f"{provider}/{model}" in found[1].split(", "):
            return "ambiguous, as they name no provider"
        if provider == "vertex_ai" and asked.answer == by_google[asked.name]:
            return "found Google's own API, which Gemini's names mean without a provider, and Vertex AI's in the map"
    if asked.model == model.split("/", 1)[-1] and REGION.match(model) and found[:2] == [provider, asked.model]:
        return "lack the region, which litellm drops from the name, and found the model elsewhere"
    if any(meant[other] == asked.answer for other in others[asked.provider, asked.model] if other != asked.name):
        return "are the very words for another entry of the map, which was found"
    if asked.provider == "openai" and model.startswith("mistral") and found == ["unpriced"]:
        return "are unpriced, as litellm takes Mistral's models on Azure for OpenAI's"
    return "WRONG"


if __name__ == "__main__":
    main()
