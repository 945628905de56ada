"""Amounts in words: totals, costs and estimates."""

from collections.abc import Sequence
from functools import reduce
from operator import add

from imgmagic.domain.cost import Estimate
from imgmagic.domain.origin import Origin
from imgmagic.domain.totals import Totals
from imgmagic.domain.wording import count_noun, dollars


def describe_estimate(estimate: Estimate) -> str:
    """Return an estimate in words; empty if it is unknown."""
    if estimate.at_most is None:
        return ""
    if estimate.likely is None:
        return f"at most {dollars(estimate.at_most)}"
    return f"about {dollars(estimate.likely)}, at most {dollars(estimate.at_most)}"


def sum_totals(rows: Sequence[Totals]) -> Totals:
    """Return rows added up."""
    return reduce(add, rows) if rows else Totals()


def describe_totals(totals: Totals) -> str:
    """Return totals in words: how many generations and images, the tokens, and the known cost."""
    words = [count_noun(totals.generations, "generation"), count_noun(totals.images, "image")]
    if totals.usage.total_tokens is not None:
        words.append(f"{totals.usage.total_tokens:,} tokens")
    return ", ".join([*words, describe_cost(totals)] if totals.generations else words)


def describe_cost(totals: Totals) -> str:
    """Return the cost of live generations in words; an unknown cost is never 0."""
    if totals.origin is not Origin.LIVE:
        return "nothing spent"
    if totals.cost is None:
        return "cost unknown"
    unknown = f" and {totals.unknown_costs:,} of unknown cost" if totals.unknown_costs else ""
    return f"{dollars(totals.cost)}{unknown}"
