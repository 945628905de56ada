from pathlib import Path

import pytest

from imgmagic.recordings.mode import Mode, Way, default_mode, folder_beside, way


@pytest.mark.parametrize("key", [True, False])
@pytest.mark.parametrize("hit", [True, False])
def test_live_and_record_ask_whatever_is_recorded(hit, key):
    """These two modes never play."""
    assert way(Mode.LIVE, hit=hit, key=key) is Way.ASK
    assert way(Mode.RECORD, hit=hit, key=key) is Way.ASK_AND_RECORD


@pytest.mark.parametrize("key", [True, False])
def test_replay_never_asks(key):
    """Without a recording, replay is a miss even with a key."""
    assert way(Mode.REPLAY, hit=True, key=key) is Way.PLAY
    assert way(Mode.REPLAY, hit=False, key=key) is Way.MISS


def test_auto_plays_else_asks_else_misses():
    """Auto prefers the recording, then the server, then a clear miss."""
    assert way(Mode.AUTO, hit=True, key=True) is Way.PLAY
    assert way(Mode.AUTO, hit=True, key=False) is Way.PLAY
    assert way(Mode.AUTO, hit=False, key=True) is Way.ASK
    assert way(Mode.AUTO, hit=False, key=False) is Way.MISS


def test_the_default_is_auto_where_recordings_are(tmp_path):
    """A folder beside the notebook, or one that was named, makes the default auto."""
    assert default_mode(None, named=False) is Mode.LIVE
    assert default_mode(tmp_path / "lesson.imgmagic", named=False) is Mode.LIVE
    assert default_mode(tmp_path / "lesson.imgmagic", named=True) is Mode.AUTO
    assert default_mode(tmp_path, named=False) is Mode.AUTO


def test_the_folder_beside_a_notebook_bears_its_name():
    """NAME.ipynb has its recordings in NAME.imgmagic."""
    assert folder_beside(Path("course/01 start.ipynb")) == Path("course/01 start.imgmagic")
