"""How many tokens a text has at the most, nearly always, without a tokenizer.

It counts the pieces that tokenizers of the BPE kind cut a text into, and gives each what it costs where the vocabulary
does not know the word. README.md tells how far it is from real counts; `tests/test_estimate.py` measures it.
"""
from __future__ import annotations

import re
from typing import Callable, Dict

# In this order: base64 and the like, words, capitals, digits with the space before them (which is a token of its own),
# white space, one mark again and again, marks, and other characters by how common their scripts are.
_PIECES = re.compile(
    r"(?P<code>[A-Za-z0-9+/=]{32,})|(?P<word>[A-Z]?[a-z]+)|(?P<capitals>[A-Z]+)|(?P<digits> ?[0-9]+)|(?P<single> )"
    r"|(?P<space>[ \t]+|[\r\n]+)|(?P<same>(?P<mark>[!-/:-@\[-`{-~])(?P=mark){3,})|(?P<marks>[!-/:-@\[-`{-~]+)"
    r"|(?P<two>[\x80-\u07ff])|(?P<cjk>[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef])|(?P<three>[\u0800-\uffff])"
    r"|(?P<four>[\U00010000-\U0010ffff])|(?P<control>.)", re.DOTALL)


def up(count: int, size: int) -> int:
    """`count / size`, rounded up."""
    return -(-count // size)


# The hundredths of a token of a piece, by how many characters it has.
_HUNDREDTHS: Dict[str, Callable[[int], int]] = {
    "code": lambda length: 100 * length,
    # Vocabularies have most words of up to five letters, and know the others by parts.
    "word": lambda length: 110 + 100 * up(max(length - 5, 0), 3),
    "capitals": lambda length: 100 * up(length, 2),
    "digits": lambda length: 150 + 50 * length,
    # A single space belongs to the word after it.
    "single": lambda length: 0,
    "space": lambda length: 100 * up(length, 16),
    "same": lambda length: 100 * up(length, 4),
    "marks": lambda length: 100 * length,
    "two": lambda length: 135,
    "cjk": lambda length: 165,
    "three": lambda length: 220,
    "four": lambda length: 300,
    "control": lambda length: 100,
}


def text_tokens(text: str) -> int:
    """The tokens of a text, estimated high."""
    hundredths = 0
    for piece in _PIECES.finditer(text):
        hundredths += _HUNDREDTHS[piece.lastgroup or "control"](piece.end() - piece.start())
    return up(hundredths, 100)
