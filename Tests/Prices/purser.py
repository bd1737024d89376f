"""The program that answers for Purser, asked over a pipe (Rating/)."""
import json
import subprocess
from collections import defaultdict


class Purser:
    """By the prices of the map alone (`map`), or by the shipped book (`book`)."""

    def __init__(self, command, price_map, prices="map"):
        self.process = subprocess.Popen(
            [command, price_map, prices], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20)
        # What each name of the map became, and why others were left out.
        self.names, self.left_out = {}, {}
        while line := self.process.stdout.readline().rstrip("\n"):
            name, provider, model = line.split("\t")
            if provider:
                self.names[name] = (provider, model)
            else:
                self.left_out[name] = model
        self.twins = defaultdict(list)
        for name, model in self.names.items():
            self.twins[model].append(name)

    # A pipe holds 64 KiB: more questions at once could wait for each other with their answers.
    AT_ONCE = 200

    def ask(self, questions):
        """Returns the answer to each question, which is a tuple of texts."""
        answers = []
        for start in range(0, len(questions), self.AT_ONCE):
            some = questions[start:start + self.AT_ONCE]
            self.process.stdin.write("".join("\t".join(question) + "\n" for question in some))
            self.process.stdin.flush()
            answers += [self.process.stdout.readline().rstrip("\n") for _ in some]
        return answers

    def costs(self, name, asked):
        """Returns the cost of each usage of a name of the map in nanodollars, or the reason why it has none."""
        return self.costs_of(*self.names[name], asked)

    def costs_of(self, provider, model, asked):
        return self.ask([
            ("cost", provider, model, usage.tier, usage.region, usage.moment, str(usage.input_tokens),
             json.dumps(usage.purser()))
            for usage in asked])
