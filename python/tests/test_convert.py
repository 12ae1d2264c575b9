"""Answers for pandas, polars, pyarrow, networkx, and for notebooks."""

import datetime
import html.parser
import subprocess
import sys

import begat
import networkx
import numpy
import pandas
import polars
import pyarrow


def test_columns_have_the_types_of_their_cells(odd):
    table = odd.ask("City c show c, c.people, c.date, c.rate order by c").to_arrow()
    assert {field.name: str(field.type) for field in table.schema} == {
        "c": "large_string",
        "c.people": "int64",
        "c.date.earliest": "date32[day]",
        "c.date.latest": "date32[day]",
        "c.rate": "double",
        "certainty": "large_string",
    }
    by_name = table["c"].to_pylist()
    first = by_name.index("<script>alert(1)</script>")
    assert table["c.people"][first].as_py() == 128928 and table["c.rate"][first].as_py() == 0.5
    assert table["c.date.earliest"][first].as_py() == datetime.date(2024, 5, 13) == table["c.date.latest"][first].as_py()
    open_start = next(i for i, name in enumerate(by_name) if name.startswith("="))
    assert table["c.date.earliest"][open_start].as_py() is None
    assert table["c.date.latest"][open_start].as_py() == datetime.date(2023, 12, 31)
    old = by_name.index("Old")
    assert table["c.people"][old].as_py() is None
    # A year that Python's dates do not reach.
    day = table["c.date.earliest"].cast("int32")[old].as_py()
    assert day == int(numpy.datetime64("-0044-03-15", "D").astype(int))
    assert odd.ask("City c show c.date").to_pandas()["c.date.earliest"].min().year == -44


def test_pandas_and_polars_take_the_same(graph):
    answer = graph.ask("Model m show m, m.date, m.parameters")
    frame, other, table = answer.to_pandas(), answer.to_polars(), answer.to_arrow()
    assert isinstance(frame, pandas.DataFrame) and isinstance(other, polars.DataFrame)
    assert list(frame.columns) == other.columns == table.column_names
    assert len(frame) == len(other) == len(table) == len(answer)
    assert str(frame["m.date.earliest"].dtype).startswith("datetime64")
    row = frame[frame["m"] == "DeepSeek V3"].iloc[0]
    assert (row["m.date.earliest"].date(), row["m.date.latest"].date()) == (
        datetime.date(2024, 12, 1),
        datetime.date(2024, 12, 31),
    )
    assert other.filter(polars.col("m") == "DeepSeek V3")["m.date.latest"].item() == datetime.date(2024, 12, 31)
    assert pyarrow.table(answer) == table and polars.DataFrame(answer).equals(other)


def test_lists_paths_and_groups_are_lists(graph):
    grouped = graph.ask("Model m uses Technique t show t, count(m), list(m) by t order by count(m) desc limit 3")
    table = grouped.to_arrow()
    assert [str(field.type) for field in table.schema][1] == "int64"
    name = next(name for name in table.column_names if name.startswith("list"))
    assert len(table[name][0].as_py()) == table[table.column_names[1]][0].as_py()
    assert all(table[f"{name}.certain"][0].as_py())
    assert list(grouped[0][2])[0] in table[name][0].as_py()
    path = graph.ask("path DeepSeek R1 (succeeds | based on)+ DeepSeek V2").to_arrow()
    assert any("list" in str(field.type) for field in path.schema), path.schema


def test_possible_rows_are_marked(graph):
    answer = graph.ask("Model possibly dated before 2024")
    assert answer.possible > 0
    kinds = answer.to_pandas()["certainty"].value_counts()
    assert kinds["certain"] == answer.certain and kinds["possible"] == len(answer) - answer.certain
    assert "possible" in answer._repr_html_()


def test_empty_answers_and_answers_without_columns(graph):
    assert graph.ask("Model m uses MLA, m dated before 1990").to_pandas().empty
    verdict = graph.ask("DeepSeek V3 uses MLA")
    assert verdict.to_arrow().num_rows == len(verdict)


def test_networkx_gets_the_facts_with_their_sources(graph):
    part = graph.ask("Model uses MLA").subgraph().to_networkx()
    assert isinstance(part, networkx.MultiDiGraph)
    assert part.nodes["MLA"]["type"] == "Technique" and part.out_degree("DeepSeek V3") == 1
    edge = part.get_edge_data("DeepSeek V3", "MLA")[0]
    assert edge["verb"] == "uses" and edge["claims"][0]["source"] == "goose"
    whole = graph.whole().to_networkx()
    assert networkx.has_path(whole, "DeepSeek R1", "MLA") and "date" in whole.nodes["DeepSeek V3"]


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text.append(data)


def test_notebooks_show_tables_and_pictures_without_markup_of_names(graph, odd):
    shown = Tags()
    answer = odd.ask("City c show c, c.people, c.date")
    shown.feed(answer._repr_html_())
    assert shown.tags <= {"table", "thead", "tbody", "tr", "th", "td", "p", "em", "code"}, shown.tags
    assert "<script>alert(1)</script>" in shown.text and "\u202e" not in "".join(shown.text)
    proof = Tags()
    proof.feed(odd.ask("City twins 数").why()._repr_html_())
    assert proof.tags <= {"ul", "li", "br", "small", "q"} and "<q>&" in proof.text
    assert answer._repr_svg_() is None
    picture = graph.ask("timeline of Model")
    assert picture._repr_html_() is None and picture._repr_svg_().startswith("<svg")
    assert "<script>" not in odd.ask("City a twins City b").subgraph()._repr_svg_()


def test_what_is_not_installed_is_named(monkeypatch, graph):
    hidden = "import sys; sys.modules['polars'] = None; import begat; begat.open().ask('Model').to_polars()"
    told = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True)
    assert "pip install 'begat[polars]'" in told.stderr, told.stderr


def test_ranges_have_two_columns(odd):
    answer = odd.ask("City c show c, year(c.date) order by c")
    table = answer.to_arrow()
    name = answer.columns[1]
    assert {f"{name}.low", f"{name}.high"} <= set(table.column_names)
    values = dict(zip(answer["c"], answer[name]))
    assert values["Old"] == -44 and values["=1+1\u202e\"'"].high == 2023
    assert isinstance(values["数"], begat.Range)
