"""The public names: what people import, pinned."""

import pytest

import imgmagic
from imgmagic.store.history_view import HistoryView

NAMES = [
    "GeneratedImage",
    "Generation",
    "ImgmagicError",
    "Session",
    "Sweep",
    "Usage",
    "default_session",
    "history",
    "imagine",
    "imagine_async",
    "jobs",
    "mask_box",
    "paint",
    "panel",
    "start",
    "start_sweep",
    "sweep",
    "sweep_async",
    "usage",
]


def test_the_public_names_are_these():
    """A name added or taken away is a decision, not an accident."""
    assert imgmagic.__all__ == NAMES == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_there(name: str):
    """What is listed can be had."""
    assert getattr(imgmagic, name) is not None
    assert name in dir(imgmagic)


def test_the_history_is_a_view_and_no_module():
    """No module of the package may take the place of a public name when it is imported."""
    assert isinstance(imgmagic.history, HistoryView)
    assert callable(imgmagic.usage)


def test_no_other_name():
    """A misspelt name is an AttributeError, as in every module."""
    with pytest.raises(AttributeError, match="no attribute 'histroy'"):
        _ = imgmagic.histroy
