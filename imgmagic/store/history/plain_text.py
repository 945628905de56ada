"""Plain text: what every database takes as a text, whoever wrote it."""

import sqlalchemy as sa


class PlainText(sa.types.TypeDecorator[str]):
    """The type of every text column: PostgreSQL has no NUL, and no database takes half of a surrogate pair.

    Servers, file names and environments may hold both; a record is worth more than such a character.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Return the text as it is kept, and looked for."""
        if value is None or (value.isascii() and "\x00" not in value):
            return value
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
