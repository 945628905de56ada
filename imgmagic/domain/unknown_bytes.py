"""Unknown bytes: whether data of no known format may be a picture that was paid for, or is plainly something else."""

import re

FORMAT = "bin"  # the format of unknown data that is kept, and the ending of its file

_HEAD_BYTES = 64 * 1024
_FEWEST_BYTES = 64  # fewer are a word that happens to decode as base64
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32, which are full of zero bytes
_MARKUP = re.compile(rb"""\s*(?:<(?:[a-z]{1,20}[\s>/]|!doctype|!--|\?xml)|[{\[]\s*["{\[\]}])""", re.IGNORECASE)
# Not found in text: control characters other than tab, line ends, form feed and escape.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b"))


def may_be_picture(data: bytes) -> bool:
    """Return whether bytes of no known format may be a picture: there are enough, and they are not text.

    Web pages, JSON and words are text in any encoding; a single control character does not make a page a picture.
    """
    head = data[:_HEAD_BYTES]
    return len(data) >= _FEWEST_BYTES and not (_is_marked(head) or _is_free_of_controls(head))


def _is_marked(head: bytes) -> bool:
    return head.startswith(_BOMS) or _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _is_free_of_controls(head: bytes) -> bool:
    text = head.rstrip(b"\x00")  # as a program in C ends its words
    return len(text.translate(None, _CONTROLS)) == len(text)
