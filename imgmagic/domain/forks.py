"""Forks: what a process must not share with a child that it forks.

Two processes that share a connection, a loop or an identity mix up their replies and their records. The owner of such a
thing registers here to be called in the child, where it neither uses nor closes it, and makes another when it needs
one.
"""

import functools
import os
import weakref
from typing import Protocol, runtime_checkable


class Forked(Protocol):
    """The owner of something that a child must not use."""

    def after_fork(self) -> None:
        """Drop it in the child, without closing what the parent still uses."""


@runtime_checkable
class ForkWary(Protocol):
    """The owner of something that must not be in use while the process forks."""

    def before_fork(self) -> None:
        """Close what is idle and let nothing start, in the parent."""

    def go_on_after_fork(self) -> None:
        """Let things start again, in the parent."""


@functools.cache
def _holders() -> "weakref.WeakSet[Forked]":
    """Return all registered owners, and start watching for forks."""
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
