"""Answers for other libraries, which are imported when they are asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._values import Entity

if TYPE_CHECKING:
    from ._begat import Answer, Subgraph


def _module(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ModuleNotFoundError(f"{name} is not installed: pip install 'begat[{extra}]'", name=name) from None


def to_arrow(answer: Answer) -> Any:
    return _module("pyarrow", "arrow").table(answer)


def to_polars(answer: Answer) -> Any:
    return _module("polars", "polars").DataFrame(answer)


def to_pandas(answer: Answer) -> Any:
    _module("pandas", "pandas")
    # Days become datetime64, in a unit that reaches all years.
    return _module("pyarrow", "pandas").table(answer).to_pandas(date_as_object=False)


def to_networkx(part: Subgraph) -> Any:
    graph = _module("networkx", "networkx").MultiDiGraph()
    taken: dict[str, str] = {}

    def node(entity: Any) -> str:
        # Entities of two types may have one name.
        key = entity.name
        return key if taken.setdefault(key, entity.type) == entity.type else f"{key} ({entity.type})"

    for entity in part.entities:
        graph.add_node(node(entity), type=entity.type)
    values: dict[tuple[str, str], list[Any]] = {}
    for fact in part.facts:
        if isinstance(fact.object, Entity):
            about = {"verb": fact.verb, "doubtful": fact.doubtful, "claims": [_claim(claim) for claim in fact.claims]}
            graph.add_edge(node(fact.subject), node(fact.object), **about)
        else:
            values.setdefault((node(fact.subject), fact.verb), []).append(fact.object)
    for (key, name), each in values.items():
        # Sources may give several values of one property.
        graph.nodes[key][name] = each[0] if len(each) == 1 else tuple(each)
    for subject, verb, other in part.derived:
        graph.add_edge(node(subject), node(other), verb=verb, doubtful=False, claims=[])
    return graph


def _claim(claim: Any) -> dict[str, Any]:
    fields = {"source": claim.source, "at": claim.at, "trust": claim.trust, "quote": claim.quote, "note": claim.note}
    return {name: value for name, value in fields.items() if value}
