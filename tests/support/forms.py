"""Multipart forms as a socket received them, taken apart and held against every byte."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FormPart:
    """One part: its head as it was written, and its content."""

    head: str
    content: bytes

    @property
    def name(self) -> str:
        """Return the name of its field."""
        return self.head.partition('name="')[2].partition('"')[0]


def read_form(content_type: str, body: bytes) -> list[FormPart]:
    """Return the parts of a form; every byte of `body` is accounted for."""
    kind, _, boundary = content_type.partition("; boundary=")
    assert kind == "multipart/form-data"
    mark = b"--" + boundary.strip('"').encode()
    assert body.endswith(mark + b"--\r\n")
    assert body.startswith(mark + b"\r\n")
    pieces = body[: -len(mark) - 4].split(mark + b"\r\n")[1:]
    parts = [piece.partition(b"\r\n\r\n") for piece in pieces]
    found = [FormPart(head=head.decode(), content=content.removesuffix(b"\r\n")) for head, _, content in parts]
    again = b"".join(mark + b"\r\n" + part.head.encode() + b"\r\n\r\n" + part.content + b"\r\n" for part in found)
    assert again + mark + b"--\r\n" == body
    return found
