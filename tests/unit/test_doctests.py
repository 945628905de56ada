"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import imgmagic

MODULES = [
    module.name
    for module in pkgutil.walk_packages(imgmagic.__path__, "imgmagic.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    """Every example of a module gives what it shows."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
