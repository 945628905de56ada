"""A sweep in words: how far it is, and its outcome."""

from imgmagic.domain.sweep import Sweep
from imgmagic.domain.sweep_progress import UNDER_WAY, CellState, SweepProgress
from imgmagic.domain.wording import count_noun, dollars


def describe_progress(progress: SweepProgress) -> str:
    """Return how far a sweep is: 7 of 12, 3 running, 1 failed, $0.31 of about $0.50, about 40 s left."""
    counts = progress.counts
    done = counts[CellState.COMPLETED] + counts[CellState.FOUND]
    words = [f"{done:,} of {len(progress.states):,}"]
    under_way = sum(counts[state] for state in UNDER_WAY)
    held_back = min(len(progress.limited), under_way)
    words += _describe_count(under_way - held_back, "running")
    words += _describe_count(held_back, "held back")
    words += _describe_count(counts[CellState.FAILED], "failed")
    words += _money(progress)
    if progress.left_s is not None:
        words.append(f"about {_duration(progress.left_s)} left")
    return ", ".join(words) + _limit(progress)


def describe_sweep(sweep: Sweep) -> str:
    """Return the outcome of a sweep, on one line."""
    generations = sweep.generations
    pictures = sum(len(each.images) for each in generations)
    words = [f"{count_noun(pictures, 'picture')} in {count_noun(len(sweep), 'cell')}"]
    words += ["simulated"] if generations and all(each.simulated for each in generations) else []
    words += ["replayed"] if generations and all(each.replayed for each in generations) else []
    words += list(dict.fromkeys(each.model for each in generations if each.model))[:4]
    words += [_duration(sweep.elapsed_s)] if sweep.elapsed_s else []
    if sweep.usage is not None and sweep.usage.total_tokens is not None:
        words.append(f"{sweep.usage.total_tokens:,} tokens")
    words.append(_cost(sweep))
    words += _describe_count(len(sweep.failed), "failed")
    words += [f"sweep {sweep.id}"] if sweep.id is not None else []
    return " · ".join(words)


def found_before(found: int, cells: int) -> str:
    """Return how many cells an earlier run had drawn."""
    verb, them = ("was", "it") if found == 1 else ("were", "them")
    return f"{found:,} of {count_noun(cells, 'cell')} {verb} drawn before; nothing was spent on {them} now"


def _cost(sweep: Sweep) -> str:
    if all(each.simulated or each.replayed or each.reused for each in sweep.generations):
        return "nothing spent"
    return "cost unknown" if sweep.cost is None else dollars(sweep.cost)


def _money(progress: SweepProgress) -> list[str]:
    if progress.spent is None:
        return []
    of = "" if progress.likely is None else f" of about {dollars(progress.likely)}"
    return [f"{dollars(progress.spent)}{of}"]


def _limit(progress: SweepProgress) -> str:
    if not progress.limited:
        return ""
    until_s, reason = min(progress.limited.values())
    return f" · next in {max(0.0, until_s - progress.elapsed_s):.0f} s: {reason}"


def _describe_count(count: int, word: str) -> list[str]:
    return [f"{count:,} {word}"] if count else []


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
