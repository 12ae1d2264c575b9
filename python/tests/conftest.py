import begat
import pytest


@pytest.fixture(scope="session")
def graph():
    return begat.open()


@pytest.fixture(scope="session")
def odd():
    """A graph whose names and dates are as odd as they may be."""
    return begat.from_texts(
        {
            "graph.ron": """(
                schema: (
                    types: {"City": (properties: {
                        "people": (type: Number), "date": (type: Date, verb: "founded"), "rate": (type: Number),
                    })},
                    verbs: {"twins": (from: ["City"], to: ["City"])},
                ),
                sources: {"office": (title: "<b>Office</b>")},
                entities: {"City": {
                    "<script>alert(1)</script>": (people: 128928, date: "2024-05-13", rate: 0.5),
                    "=1+1\\u{202e}\\"'": (people: 335975, date: "..2023"),
                    "Old": (date: "-0044-03-15", rate: 2),
                    "数": (date: "2024~"),
                }},
                claims: [(source: "office", at: "<i>p. 1</i>", quote: "<q>&", facts: [
                    "\\"<script>alert(1)</script>\\" twins 数", "Old twins 数",
                ])],
            )""",
        }
    )
