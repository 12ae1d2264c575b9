"""`begat lsp` by pytest-lsp: BEGAT=target/debug/begat pytest tests/lsp (needs `pip install pytest-lsp`)."""

import os
import pathlib
import shutil

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

BEGAT = os.path.abspath(os.environ.get("BEGAT", "target/debug/begat"))
GRAPH = pathlib.Path(__file__).parents[2] / "graph-data" / "llm-evolution"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[BEGAT, "lsp"]))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(types.InitializeParams(capabilities=client_capabilities("visual-studio-code")))
    yield
    await lsp_client.shutdown_session()


def opened(client, path, text):
    kind = "ron" if path.suffix == ".ron" else "begat"
    document = types.TextDocumentItem(uri=path.as_uri(), language_id=kind, version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))
    return types.TextDocumentIdentifier(uri=path.as_uri())


async def problems(client, path):
    while path.as_uri() not in client.diagnostics:
        await client.wait_for_notification("textDocument/publishDiagnostics")
    return client.diagnostics[path.as_uri()]


def place(text, words, inside=1):
    before = text[: text.index(words) + inside]
    return types.Position(line=before.count("\n"), character=len(before) - before.rfind("\n") - 1)


def words(text, range):
    lines = text.split("\n")
    assert range.start.line == range.end.line
    return lines[range.start.line][range.start.character : range.end.character]


async def test_a_query_is_checked_and_corrected(client, tmp_path):
    path, text = tmp_path / "q.begat", "Model uses MLAA"
    document = opened(client, path, text)
    (found,) = await problems(client, path)
    assert words(text, found.range) == "MLAA" and found.code == "unknown-name"
    context = types.CodeActionContext(diagnostics=[found])
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(text_document=document, range=found.range, context=context)
    )
    (edit,) = actions[0].edit.changes[path.as_uri()]
    assert edit.new_text == "MLA"


async def test_completion_hover_and_formatting(client, tmp_path):
    path, text = tmp_path / "q.begat", "Model   uses MLA"
    document = opened(client, path, text)
    offered = await client.text_document_completion_async(
        types.CompletionParams(text_document=document, position=types.Position(line=0, character=15))
    )
    assert "MLA" in [item.label for item in offered.items]
    told = await client.text_document_hover_async(
        types.HoverParams(text_document=document, position=place(text, "MLA"))
    )
    assert told.contents.value.startswith("MLA: Technique") and "DeepSeek V3 uses MLA    [goose L23" in told.contents.value
    (edit,) = await client.text_document_formatting_async(
        types.DocumentFormattingParams(text_document=document, options=types.FormattingOptions(tab_size=4, insert_spaces=True))
    )
    assert edit.new_text == "Model uses MLA\n"


async def test_an_entity_is_found_and_renamed_over_all_files(client, tmp_path):
    graph = tmp_path / "g"
    shutil.copytree(GRAPH, graph)
    claims, entities = graph / "claims.ron", graph / "entities.ron"
    text = claims.read_text()
    document = opened(client, claims, text)
    assert list(await problems(client, claims)) == []
    at = place(text, "DeepSeek V3 ")
    (declared,) = await client.text_document_definition_async(
        types.DefinitionParams(text_document=document, position=at)
    )
    assert declared.uri == entities.as_uri()
    found = await client.text_document_references_async(
        types.ReferenceParams(
            text_document=document, position=at, context=types.ReferenceContext(include_declaration=True)
        )
    )
    files = {claims.as_uri(): text, entities.as_uri(): entities.read_text()}
    assert {one.uri for one in found} == set(files)
    assert all("DeepSeek V3" in words(files[one.uri], one.range) for one in found)
    assert len([one for one in found if one.uri == claims.as_uri()]) > 3
    edit = await client.text_document_rename_async(
        types.RenameParams(text_document=document, position=at, new_name="DeepSeek Three")
    )
    assert set(edit.changes) == set(files)
    assert any("DeepSeek Three" in one.new_text for one in edit.changes[claims.as_uri()])


async def test_words_have_colours(client, tmp_path):
    path, text = tmp_path / "q.begat", "# é𝄞\nModel m uses MLA show m"
    document = opened(client, path, text)
    answer = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(text_document=document))
    assert len(answer.data) % 5 == 0
    # Lines, columns and lengths: the comment, then the type.
    assert tuple(answer.data[:3]) == (0, 0, 5) and tuple(answer.data[5:8]) == (1, 0, 5)
