"""Terminals and pipes that are not UTF-8."""

import io

import pytest

from imgmagic.notebook.streams import make_lenient


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "latin-1"])
def test_a_stream_replaces_what_it_cannot_write(encoding: str) -> None:
    """Instead of failing a cell that was billed; afterwards it is as it was."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)

    undo = make_lenient([stream])
    stream.write("1024×1024 · 狐")
    stream.flush()
    undo()

    assert written.getvalue().endswith(b" ?")
    assert stream.errors == "strict"
    with pytest.raises(UnicodeEncodeError):
        stream.write("狐")


def test_other_streams_are_left_alone() -> None:
    """Those of a kernel, those that write all, those that were told how to deal with it, and those that are gone."""
    whole = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    told = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")

    undo = make_lenient([whole, told, io.StringIO(), None])

    assert (whole.errors, told.errors) == ("strict", "backslashreplace")
    undo()
    assert (whole.errors, told.errors) == ("strict", "backslashreplace")
