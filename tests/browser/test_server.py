"""The Jupyter servers that pages are opened on."""

import json
from pathlib import Path

import pytest

from tests.support.browser import Server, is_answered


@pytest.mark.slow
def test_a_server_that_names_the_port_of_another_is_not_taken_for_it(server: Server, tmp_path: Path) -> None:
    """Two that start at once may say the same address; only who knows the token is the one."""
    said = tmp_path / "jpserver-1.json"
    assert not is_answered(said, server.token)
    said.write_text(json.dumps({"url": server.url}))
    assert is_answered(said, server.token)
    assert not is_answered(said, "of-another-server")
