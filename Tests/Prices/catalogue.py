#!/usr/bin/env python3
"""Writes the catalogue of an installed genai-prices as JSON, in the form in which the project publishes it.

The package carries its catalogue as Python code. `purser price convert --format genai-prices` reads this form.
"""
import dataclasses
import json
import sys
from datetime import date, time
from decimal import Decimal

from genai_prices import data
from genai_prices.types import ModelPrice

# What a catalogue says of models and prices; how usages are read is not part of it.
LEFT_OUT = {"extractors", "model_match", "provider_match", "api_pattern", "description"}


class Exact(float):
    """A decimal that is written with all its digits, not as the nearest binary number."""

    def __new__(cls, value):
        number = super().__new__(cls, value)
        number.text = format(value, "f")
        return number

    def __repr__(self):
        return self.text


def plain(value):
    if isinstance(value, ModelPrice):
        return fields(vars(value))
    if dataclasses.is_dataclass(value):
        return fields({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return fields(value)
    if isinstance(value, Decimal):
        return Exact(value)
    if isinstance(value, time):
        return value.strftime("%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value


def fields(values):
    return {
        name.rstrip("_"): plain(value) for name, value in values.items()
        if value is not None and name not in LEFT_OUT and not name.startswith("_")}


json.dump(plain(data.providers), sys.stdout, ensure_ascii=False, indent=1)
