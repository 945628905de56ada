"""Forks: what a process must not share with a child that it forks.

A connection, a loop or an identity that two processes use at once mixes up their replies and their records. Its owner
registers here to be called in the child, where it leaves the thing alone, neither used nor closed, and makes another
when one is needed.
"""

import functools
import os
import weakref
from typing import Protocol, runtime_checkable


class Forked(Protocol):
    """What owns something that a child must not use."""

    def after_fork(self) -> None:
        """Let go of it, in the child, without closing what the parent goes on using."""


@runtime_checkable
class ForkWary(Protocol):
    """What must not even be in use while its process forks."""

    def before_fork(self) -> None:
        """Close what is idle and let nothing begin, in the parent."""

    def go_on_after_fork(self) -> None:
        """Let things begin again, in the parent."""


@functools.cache
def _holders() -> "weakref.WeakSet[Forked]":
    """Return all that registered, and begin to watch for forks."""
    holders: weakref.WeakSet[Forked] = weakref.WeakSet()
    if hasattr(os, "register_at_fork"):  # Windows forks nothing
        os.register_at_fork(
            before=lambda: _warn(holders),
            after_in_parent=lambda: _let_go_on(holders),
            after_in_child=lambda: _tell(holders),
        )
    return holders


def tell_after_fork(holder: Forked) -> None:
    """Call `holder.after_fork()` in every child that is forked from now on, as long as the holder lives."""
    _holders().add(holder)


def _warn(holders: "weakref.WeakSet[Forked]") -> None:
    for holder in tuple(holders):
        if isinstance(holder, ForkWary):
            holder.before_fork()


def _let_go_on(holders: "weakref.WeakSet[Forked]") -> None:
    for holder in tuple(holders):
        if isinstance(holder, ForkWary):
            holder.go_on_after_fork()


def _tell(holders: "weakref.WeakSet[Forked]") -> None:
    for holder in tuple(holders):
        holder.after_fork()
