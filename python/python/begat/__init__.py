"""begat: ask a knowledge graph in sentences.

>>> import begat
>>> graph = begat.open()  # the built-in one; or a folder, a .ron file, a snapshot
>>> for row in graph.ask("Model uses $t", t="MLA"):
...     print(row["Model"])
DeepSeek V2
DeepSeek V3
"""

from ._begat import (
    Answer,
    Claim,
    DataError,
    Date,
    Diagnostic,
    Error,
    Fact,
    FileError,
    Graph,
    Interrupted,
    LimitError,
    Proof,
    QueryError,
    Row,
    Subgraph,
    UsageError,
    __version__,
    from_texts as _from_texts,
    open,
)
from ._values import Entity, Possible, Range


def from_texts(texts: dict[str, str]) -> Graph:
    """Makes a graph of texts by the names of their files: data files in RON, and the tables that they name."""
    return _from_texts(list(texts.items()))


__all__ = [
    "Answer",
    "Claim",
    "DataError",
    "Date",
    "Diagnostic",
    "Entity",
    "Error",
    "Fact",
    "FileError",
    "Graph",
    "Interrupted",
    "LimitError",
    "Possible",
    "Proof",
    "QueryError",
    "Range",
    "Row",
    "Subgraph",
    "UsageError",
    "__version__",
    "from_texts",
    "open",
]
