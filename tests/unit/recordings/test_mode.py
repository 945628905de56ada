from pathlib import Path

import pytest

from imgmagic.recordings.mode import Action, Mode, choose_action, default_mode, folder_beside

EITHER = pytest.mark.parametrize("hit", [True, False])


@EITHER
@pytest.mark.parametrize("key", [True, False])
def test_live_asks_whatever_is_recorded(hit, key):
    """This mode never plays."""
    assert choose_action(Mode.LIVE, hit=hit, key=key) is Action.ASK


@EITHER
def test_record_asks_where_somebody_can_be_asked(hit):
    """A server, or the simulator that was named for the call."""
    assert choose_action(Mode.RECORD, hit=hit, key=True) is Action.ASK_AND_RECORD
    assert choose_action(Mode.RECORD, hit=hit, key=False, simulator=True) is Action.ASK_AND_RECORD


def test_record_without_a_key_plays_or_refuses():
    """The cell that records may still stand in a lesson: a student's run must not write over what was paid for."""
    assert choose_action(Mode.RECORD, hit=True, key=False) is Action.PLAY
    assert choose_action(Mode.RECORD, hit=False, key=False) is Action.MISS


@pytest.mark.parametrize("key", [True, False])
def test_replay_never_asks_a_server(key):
    """Without a recording, replay is a miss even with a key; the simulator draws where it was named."""
    assert choose_action(Mode.REPLAY, hit=True, key=key) is Action.PLAY
    assert choose_action(Mode.REPLAY, hit=False, key=key) is Action.MISS
    assert choose_action(Mode.REPLAY, hit=False, key=key, simulator=True) is Action.ASK


def test_auto_plays_else_asks_else_misses():
    """Auto prefers the recording, then the server, then a clear miss."""
    assert choose_action(Mode.AUTO, hit=True, key=True) is Action.PLAY
    assert choose_action(Mode.AUTO, hit=True, key=False) is Action.PLAY
    assert choose_action(Mode.AUTO, hit=False, key=True) is Action.ASK
    assert choose_action(Mode.AUTO, hit=False, key=False) is Action.MISS
    assert choose_action(Mode.AUTO, hit=False, key=False, simulator=True) is Action.ASK


def test_the_default_is_auto_where_recordings_are(tmp_path):
    """A folder beside the notebook, or one that was named, makes the default auto."""
    assert default_mode(None, named=False) is Mode.LIVE
    assert default_mode(tmp_path / "lesson.imgmagic", named=False) is Mode.LIVE
    assert default_mode(tmp_path / "lesson.imgmagic", named=True) is Mode.AUTO
    assert default_mode(tmp_path, named=False) is Mode.AUTO


def test_the_folder_beside_a_notebook_bears_its_name():
    """NAME.ipynb has its recordings in NAME.imgmagic."""
    assert folder_beside(Path("course/01 start.ipynb")) == Path("course/01 start.imgmagic")
