import pytest
from wcwidth import iter_graphemes

from imgmagic.store.sweep_files.clusters import breakable, in_visual_order


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("1\ufe0f\u20e32", ["1\ufe0f\u20e3", "2"]),
        ("👨\u200d👩\u200d👧👍🏽", ["👨\u200d👩\u200d👧", "👍🏽"]),
        ("🇯🇵🇫🇷", ["🇯🇵", "🇫🇷"]),
        ("हिन्दी", ["हि", "न्दी"]),
        ("\u0301", ["\u0301"]),
        ("", []),
    ],
)
def test_marks_stay_with_their_letter(text: str, found: list[str]) -> None:
    """What people see as one letter is one piece, and no letter is lost."""
    assert list(iter_graphemes(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a red fox", ["a", " red", " fox"]),
        ("油画abc", ["油", "画", "abc"]),
        ("墨絵（すみ）。", ["墨", "絵", "（す", "み）。"]),
        ("コーヒー", ["コー", "ヒー"]),
        ("two\nlines", ["two", " lines"]),
    ],
)
def test_lines_break_between_words_and_between_letters_of_scripts_without_blanks(text: str, found: list[str]) -> None:
    """No line begins with a closing bracket, a full stop or a long-vowel mark, or ends with an opening bracket."""
    assert list(breakable(text)) == found


@pytest.mark.parametrize(
    ("runs", "found"),
    [
        (["abc ", "油画 ", "🦊"], ["abc ", "油画 ", "🦊"]),
        (["سميك ", "🦊"], ["🦊", "سميك "]),
        (["سميك ", "abc ", "油画"], ["abc ", "油画", "سميك "]),
        (["abc ", "سميك ", "עברית", "油画"], ["abc ", "עברית", "سميك ", "油画"]),
        (["🦊 ", "סוס"], ["סוס", "🦊 "]),
    ],
)
def test_runs_stand_in_the_order_in_which_the_line_is_read(runs: list[str], found: list[str]) -> None:
    """A line that begins in Arabic goes from right to left, and words of other scripts within it do not."""
    assert [text for _, text in in_visual_order([(None, each) for each in runs])] == found
