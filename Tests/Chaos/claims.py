"""A sum that changes over time, and its maximum between two moments."""
from bisect import bisect_right


class Claims:
    def __init__(self):
        self.steps, self.times, self.sums = [], [], []

    def add(self, start, end, amount):
        """Counts `amount` from `start` to `end`, or for good if `end` is None."""
        self.steps.append((start, amount))
        if end is not None:
            self.steps.append((end, -amount))
        self.times = []

    def sum_up(self):
        # Of the changes at one moment, the additions come first, so that the sum is never too low.
        self.steps.sort(key=lambda step: (step[0], -step[1]))
        self.sums, total = [], 0
        for at, amount in self.steps:
            total += amount
            self.times.append(at)
            self.sums.append(total)

    def most(self, start, end):
        if not self.times:
            self.sum_up()
        first, last = bisect_right(self.times, start), bisect_right(self.times, end)
        before = self.sums[first - 1] if first else 0
        return max([before, *self.sums[first:last]])
