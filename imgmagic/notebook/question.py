"""A question as a prompt: draws `%imagine what does the fox say?`, for which IPython would show help on `say`."""

import tokenize
from collections.abc import Sequence
from typing import Self

from IPython.core.inputtransformer2 import EscapedCommand


class Question(EscapedCommand):
    """Find a `%imagine` line that ends with a question mark, before IPython does; `%imagine?` stays its own."""

    priority = 4  # IPython's own is 5

    @classmethod
    def find(cls, tokens_by_line: Sequence[Sequence[tokenize.TokenInfo]]) -> Self | None:
        """Return the place of the first such line of a cell."""
        for line in tokens_by_line:
            words = [token for token in line if token.type not in (tokenize.INDENT, tokenize.DEDENT)]
            if len(words) > 4 and words[-2].string == "?" and _is_prompt(words):
                return cls(words[0].start)
        return None


def _is_prompt(words: Sequence[tokenize.TokenInfo]) -> bool:
    sign, name, first = words[:3]
    return (sign.string, name.string) == ("%", "imagine") and first.start > name.end
