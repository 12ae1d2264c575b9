"""What notebooks show. Whatever is in names and quotes, it is shown, and steers nothing."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from ._values import Possible, Range

if TYPE_CHECKING:
    from ._begat import Answer, Proof

# More rows fill a page: pandas has all.
ROWS = 200
# Proofs are at most so deep.
DEPTH = 40

# Characters that nobody sees, and that reorder or hide others.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def shown(text: object) -> str:
    return escape(_STEERING.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", str(text)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Possible):
        return f"{_cell(value.value)}?"
    if isinstance(value, Range):
        return shown(f"{value.low:g}..{value.high:g}")
    if isinstance(value, tuple):
        return ", ".join(_cell(one) for one in value)
    return shown(value)


def table(answer: Answer) -> str:
    """An answer as a table of HTML; what is only possible is marked."""
    heads = "".join(f"<th>{shown(name)}</th>" for name in answer.columns)
    body = []
    for row in answer[:ROWS]:
        numeric = (isinstance(value, (int, float, Range)) for value in row)
        styles = (' style="text-align:right"' if right else "" for right in numeric)
        cells = "".join(f"<td{style}>{_cell(value)}</td>" for value, style in zip(row, styles))
        body.append(f"<tr>{cells}<td>{'' if row.certain else '<em>possible</em>'}</td></tr>")
    hidden = answer.possible - (len(answer) - answer.certain)
    counts = f"{answer.certain} certain, {answer.possible} possible" if answer.possible else f"{answer.certain} certain"
    if hidden:
        counts += "; those that are only possible are shown by <code>possibly=True</code>"
    if len(answer) > ROWS:
        counts += f"; the first {ROWS} rows are shown"
    notes = "".join(f"<p>{shown(note.message)}</p>" for note in answer.notes)
    return f"<table><thead><tr>{heads}<th></th></tr></thead><tbody>{''.join(body)}</tbody></table><p>{counts}</p>{notes}"


def proof(top: Proof) -> str:
    """A proof as nested lists, with who says so."""

    def item(step: Proof, left: int) -> str:
        if left == 0:
            return "<li>…</li>"
        claims = "".join(
            f"<br><small>{shown(' '.join(filter(None, [claim.source, claim.at])))}"
            + (f": <q>{shown(claim.quote)}</q>" if claim.quote else "")
            + "</small>"
            for claim in step.claims
        )
        below = "".join(item(one, left - 1) for one in step.because)
        return f"<li>{shown(step.sentence)}{claims}{f'<ul>{below}</ul>' if below else ''}</li>"

    return f"<ul>{item(top, DEPTH)}</ul>"
