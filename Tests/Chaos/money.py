"""Money as whole nanodollars, and what tokens cost by the price book of the deployment under test."""
from decimal import Decimal

NANODOLLARS = 1_000_000_000
MODEL = "gpt-4o"


def nanodollars(usd):
    amount = Decimal(usd) * NANODOLLARS
    if amount != amount.to_integral_value():
        raise ValueError(f"{usd} is finer than nanodollars")
    return int(amount)


def usd(amount):
    return f"{Decimal(amount) / NANODOLLARS:f}"


class Prices:
    """What an input and an output token of the model cost, in whole nanodollars."""

    def __init__(self, deployment):
        quote = deployment.admin(
            "POST", "/v1/quote", {"model": MODEL, "usage": {"input_tokens": 1000, "output_tokens": 1000}})
        units = {line["meter"]: nanodollars(line["unit_price_usd"]) for line in quote["lines"]}
        self.input, self.output = units["input_tokens"], units["output_tokens"]

    def cost(self, input_tokens, output_tokens):
        return input_tokens * self.input + output_tokens * self.output

    def tokens(self, cost):
        """Returns input and output tokens that each cost about half of `cost`."""
        return max(1, cost // 2 // self.input), max(1, cost // 2 // self.output)
