"""Answers, rows, values and errors."""

import datetime
import pickle
import threading

import begat
import pytest


def test_an_answer_iterates_and_has_positions_and_columns(graph):
    answer = graph.ask("Model m uses $t show m, m.date", t="MLA")
    assert answer.columns == ["m", "m.date"]
    assert [row["m"] for row in answer] == ["DeepSeek V2", "DeepSeek V3"] == list(answer["m"])
    assert answer[-1][0] == "DeepSeek V3" and [row[0] for row in answer[::-1]] == ["DeepSeek V3", "DeepSeek V2"]
    name, date = answer[1]
    assert (name, str(date)) == ("DeepSeek V3", "2024-12")
    assert dict(answer[0])["m"] == "DeepSeek V2" and answer[0].to_dict()["certainty"] == "certain"
    assert len(answer) == answer.certain == 2 and answer.possible == 0 and bool(answer)
    assert answer[0] == graph.ask("Model m uses MLA show m, m.date")[0] and answer[0] != answer[1]
    assert answer.to_dicts()[1]["m.date"] == begat.Date("2024-12")
    assert "DeepSeek V3" in repr(answer)
    for wrong, error in [(2, IndexError), (-3, IndexError), ("x", KeyError), (1.5, TypeError)]:
        with pytest.raises(error):
            answer[wrong]
    with pytest.raises(IndexError):
        answer[0][2]


def test_parameters_are_values_and_never_text(graph):
    text = 'MLA" or Model uses "GQA'
    assert len(graph.ask("Technique t where t.kind = $x", x=text)) == 0
    day = datetime.date(2025, 1, 1)
    assert "DeepSeek V3" in graph.ask("Model dated before $d", d=day)["Model"]
    assert graph.ask("Model dated before $d", {"$d": begat.Date("2025")})["Model"] == graph.ask(
        "Model dated before $d", d=datetime.date(2025, 1, 1)
    )["Model"]
    assert len(graph.ask("Model m where m.parameters >= $n", n=100e9)) == len(
        graph.ask("Model m where m.parameters >= $n", n=10**11)
    )
    for value in [True, [1], None, float("nan"), datetime.datetime.now()]:
        with pytest.raises(TypeError):
            graph.ask("Model uses $t", t=value)


def test_entities_are_names_that_know_more(graph):
    model = graph.ask("Model uses MLA")[1]["Model"]
    assert model == "DeepSeek V3" and f"{model}!" == "DeepSeek V3!" and model.type == "Model"
    assert str(model.date) == "2024-12" and model.value("parameters") == 671_000_000_000
    fact = next(fact for fact in model.facts if fact.object == "MLA")
    assert (str(fact), fact.verb, fact.claims[0].at) == ("DeepSeek V3 uses MLA", "uses", "L23")
    assert graph.entity("deepseek v3") == model and "MLA" in graph.entities("Technique")
    assert pickle.loads(pickle.dumps(model)) == "DeepSeek V3"
    with pytest.raises(KeyError):
        model.value("colour")
    with pytest.raises(KeyError):
        graph.entity("Nobody")


def test_dates_are_as_uncertain_as_they_are():
    date = begat.Date("2024")
    assert (date.earliest, date.latest) == (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
    assert date.before("2025") is True and date.before("2024-06") is None and date.after("2025") is False
    assert date.same(datetime.date(2023, 1, 1)) is False
    assert begat.Date("..2023").earliest is None and begat.Date("2023..").latest is None
    assert date == begat.Date("2024") != begat.Date("2024-01..2024-12") and len({date, begat.Date("2024")}) == 1
    assert pickle.loads(pickle.dumps(date)) == date
    with pytest.raises(ValueError, match="year 1"):
        begat.Date("-0044-03-15").earliest
    with pytest.raises(ValueError):
        begat.Date("yesterday")


def test_a_question_has_a_verdict(graph):
    assert graph.ask("DeepSeek V3 uses MLA").verdict == "yes" and graph.ask("DeepSeek V3 uses MLA")
    assert graph.ask("GPT-2 uses MLA").verdict == "no" and not graph.ask("GPT-2 uses MLA")
    doubtful = begat.from_texts(
        {
            "g.ron": """(schema: (types: {"A": ()}, verbs: {"knows": (from: ["A"], to: ["A"])}), sources: {"s": (title: "S")},
            entities: {"A": {"Ann": (), "Bob": ()}},
            claims: [(source: "s", at: "1", trust: doubtful, facts: ["Ann knows Bob"])])"""
        }
    ).ask("Ann knows Bob")
    assert doubtful.verdict == "unknown"
    with pytest.raises(ValueError, match="unknown"):
        bool(doubtful)


def test_rows_have_proofs(graph):
    answer = graph.ask("DeepSeek R1 based on / uses MLA")
    proof = answer.why()
    assert proof.sentence == "DeepSeek R1 based on / uses MLA" and proof.certain
    path = proof.because[0]
    assert path.kind == "path" and [step.claims[0].source for step in path.because] == ["goose", "goose"]
    assert "[goose L23]" in str(proof) and "<ul>" in proof._repr_html_()
    assert answer[0].why().sentence == answer.why(answer[0]).sentence == answer.why(0).sentence
    with pytest.raises(begat.UsageError):
        answer.why(graph.ask("Model uses MLA")[0])
    assert [proof.kind for proof in graph.ask("why DeepSeek V3 uses MLA").proofs()] == ["all"]


def test_errors_show_the_caret_and_the_corrected_query(graph):
    with pytest.raises(begat.QueryError) as caught:
        graph.ask("Model uses MLAA")
    error = caught.value
    assert "^^^^" in str(error) and "Model uses MLAA" in str(error) and error.fixes[0] == "Model uses MLA"
    problem = error.diagnostics[0]
    assert "Model uses MLAA"[problem.start : problem.end] == "MLAA" and problem.severity == "error"
    with pytest.raises(begat.QueryError) as caught:
        graph.ask("数 uses MLAA")
    with pytest.raises(begat.LimitError):
        graph.ask("Model a, cross Model b, cross Model c, cross Model d", max_rows=100)
    with pytest.raises(begat.LimitError):
        graph.ask("count Model a, cross Model b, cross Model c, cross Model d, cross Model e, cross Model f", timeout=0.01)
    with pytest.raises(begat.UsageError):
        graph.ask("Model; Org")
    with pytest.raises(begat.FileError):
        begat.open("/no/such/graph")
    with pytest.raises(begat.DataError) as caught:
        begat.from_texts({"g.ron": "(schema: (types: {\"A\": (parent: \"B\")}))"})
    assert "^" in str(caught.value) and caught.value.diagnostics
    assert issubclass(begat.QueryError, begat.Error)
    for wrong in [-1, float("nan")]:
        with pytest.raises(ValueError):
            graph.ask("Model", timeout=wrong)
    for hostile in ["", "\0", "\u202e", "(" * 5000, "Model uses MLA and " * 400, "'; DROP TABLE"]:
        with pytest.raises(begat.Error):
            graph.ask(hostile)


def test_any_text_is_answered_as_json(graph):
    assert '"DeepSeek V3"' in graph.ask_json("Model uses $t", t="MLA")
    assert '"because"' in graph.ask_json("Model uses MLA", proofs=True)
    assert '"error":"query"' in graph.ask_json("Modle uses MLA")


def test_completion_counts_characters(graph):
    start, offers = graph.complete("Model uses ML")
    assert start == 11 and offers[0][0] == "MLA"
    assert graph.complete("Model uses ML and Org", 13)[0] == 11


def test_views_and_subgraphs(graph):
    assert graph.ask("timeline of Model").render("svg").startswith("<svg")
    assert graph.ask("Model uses MLA").render("csv").splitlines()[0] == "Model"
    part = graph.ask("Model uses MLA").subgraph()
    assert len(part.facts) == 2 and "MLA" in part.entities and part.render("dot").startswith("digraph")
    assert len(graph.whole().entities) == len(graph.entities())
    with pytest.raises(ValueError, match="the formats are"):
        graph.ask("Model").render("docx")


def test_a_graph_is_saved_and_opened(graph, tmp_path):
    graph.save(tmp_path / "g.begat")
    again = begat.open(tmp_path / "g.begat")
    assert list(again.ask("Model uses MLA")["Model"]) == ["DeepSeek V2", "DeepSeek V3"]


def test_threads_share_a_graph(graph):
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(graph.ask("Model uses MLA")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 8
