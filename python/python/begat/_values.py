"""Values of cells that Python has no type for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ._begat import Date, Fact, Graph


class Entity(str):
    """An entity: its name, and what the graph knows of it."""

    type: str
    graph: Graph

    def __new__(cls, name: str, type: str, graph: Graph) -> Entity:
        entity = super().__new__(cls, name)
        entity.type = type
        entity.graph = graph
        return entity

    @property
    def name(self) -> str:
        """The name, as a plain `str`."""
        return str.__str__(self)

    @property
    def aliases(self) -> list[str]:
        """The other names."""
        return self.graph._aliases(self.name, self.type)

    @property
    def date(self) -> Date | None:
        """The date, narrowed by lineage; `None` if no source states one."""
        return self.graph._date(self.name, self.type)

    @property
    def facts(self) -> list[Fact]:
        """The facts about it, each with its claims."""
        return self.graph._facts(self.name, self.type)

    def value(self, property: str) -> Any:
        """The value of a property; `None` if no source states one. KeyError if the type has no such property."""
        return self.graph._value(self.name, self.type, property)

    # What is kept or sent elsewhere is the name: the graph stays.
    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (self.name,))


class Range(NamedTuple):
    """A number known only to lie between two bounds, both included; an open one is infinite."""

    low: float
    high: float


class Possible(NamedTuple):
    """A member of a list that is only possible."""

    value: Any
