"""Servers such as gunicorn load a program once and fork it: threads and connections stay with the parent."""
from __future__ import annotations

import os
import weakref
from typing import Protocol


class Renewable(Protocol):
    """What a forked process must not share with its parent."""

    def renew(self) -> None:
        """Makes its threads, locks and connections anew; called in the child, which has one thread."""


_renewables: "weakref.WeakSet[Renewable]" = weakref.WeakSet()


def renew_in_children(renewable: Renewable) -> None:
    """Has `renew` called in each forked child, for as long as the object lives."""
    _renewables.add(renewable)


def _renew() -> None:
    for renewable in list(_renewables):
        renewable.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
