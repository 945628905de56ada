import copy
import pickle

import pytest

from imgmagic.domain.provider import Provider, Secret


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda key: f"{key!r:>20}", lambda key: f"{[key]}"])
def test_a_secret_never_shows(show):
    """In no format."""
    assert "marked" not in show(Secret("sk-marked"))
    assert "marked" not in show(Provider(name="p", dialect="d", base_url="u", key=Secret("sk-marked")))


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_a_secret_is_not_copied_out(copied):
    """A pickle would hold it."""
    with pytest.raises(TypeError, match="not pickled"):
        copied(Secret("sk-marked"))


def test_secrets_are_compared_by_value():
    """And only with one another."""
    assert Secret("é") == Secret("é") != Secret("e")
    assert Secret("a") != "a"
    assert Secret("a").reveal() == "a"
