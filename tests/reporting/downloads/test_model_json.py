"""A model's JSON holds what its page says, and fits its schema."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from zoo.model_index.findings import Standing, Verdict
from zoo.model_index.load import load
from zoo.reporting.downloads.model_json import files, path, schema
from zoo.reporting.i18n.gettext import languages
from zoo.reporting.pages.compare import comparison_query
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo
from zoo.reporting.views.claim_lines import claim_line

ROOT = Path(__file__).resolve().parents[3]


def documents(zoo: Zoo) -> dict[str, dict]:
    return {
        file.path: json.loads(file.data)
        for file in files(site_of(zoo, Settings()))
        if "schema" not in file.path
    }


def claims(record: dict) -> list[dict]:
    """Return the claims of a record as rows, with the values that they share."""
    columns, shared = record["claims"], record["shared"]
    return [
        {
            name: shared[name][value] if name in shared and value is not None else value
            for name, value in zip(columns, row, strict=True)
        }
        for row in zip(*columns.values(), strict=True)
    ]


def test_a_models_file(toy: Zoo) -> None:
    data = documents(toy)["downloads/models/net10.json"]
    assert (data["name"], data["page"], data["multiply_adds"], data["resolved"]) == (
        "net10",
        "models/net10/",
        1_000_000,
        "net10.v1",
    )
    flops, parameters = claims(data)[:2]
    assert flops["claimed"] == 2_000_000 and flops["measured"] == flops["difference"] == 1_000_000
    assert (flops["verdict"], flops["cause"], flops["anchor"]) == (
        "explained",
        "2x",
        "claim-acme-flops",
    )
    assert parameters["printed"] == "12.3 k" and parameters["tolerance"] == 50
    assert data["documents"][0]["command"] == "zoo verify net10" and data["citation"].startswith(
        "@misc"
    )
    assert data["recipe"]["Warmup"] == "90" and data["preprocessing"][0] == {
        "name": "Image size",
        "index": "32",
        "configuration": "32x32",
    }
    assert "multiply_adds" not in documents(toy)["downloads/models/lone.json"]


def test_claims_as_columns(toy: Zoo) -> None:
    site = site_of(toy, Settings())
    for model in site.catalogue.models:
        record = documents(toy)[path(model)]
        rows = claims(record) if model.checks else []
        assert len(rows) == len(model.checks)
        for row, check in zip(rows, model.checks, strict=True):
            assert row.get("source") == check.claim.source
            assert row["reason"] == (check.finding.reason or None)
            assert row.get("conditions") == (dict(check.claim.conditions) or None)
            assert f"{row['file']}:{row['line']}" == check.file
        for document, evidence in zip(record.get("documents", []), model.documents, strict=True):
            held = record["shared"]["environment"][document["environment"]]
            assert held == evidence.environment


def test_a_cause_is_said_in_every_language(toy: Zoo) -> None:
    """And what to use in the place of a wrong number."""
    site = site_of(toy, Settings())
    for model in site.catalogue.models:
        rows = claims(documents(toy)[path(model)]) if model.checks else []
        for row, check in zip(rows, model.checks, strict=True):
            line = claim_line(model, check)
            wrong = check.finding.standing is Standing.WRONG
            caused = wrong or check.finding.verdict is Verdict.EXPLAINED
            assert row.get("use_text", "") == (line.use if wrong else "")
            assert (row.get("words") or {}).get("en", "") == (line.words if caused else "")
    flops = claims(documents(toy)["downloads/models/net10.json"])[0]
    assert set(flops["words"]) == set(languages()) and flops["words"]["zh"] != flops["words"]["en"]


def test_what_claims_share_stands_once(toy: Zoo) -> None:
    record = documents(toy)["downloads/models/net10.json"]
    for values in record["shared"].values():
        texts = [json.dumps(value) for value in values]
        assert len(set(texts)) == len(texts)
    assert len(record["shared"]["file"]) < len(record["claims"]["file"])


def test_the_documentation_reads_a_record(
    toy: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs/site.md").read_text(encoding="utf-8")
    code = next(
        code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "shared" in code
    )
    record = documents(toy)["downloads/models/net10.json"]
    (tmp_path / "dpn98.json").write_text(json.dumps(record), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    expected = [f"{row['quantity']} {row['verdict']} {row['reason']}" for row in claims(record)]
    assert capsys.readouterr().out.splitlines() == expected


def test_the_schema_describes_every_file(toy: Zoo) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    embedded = Zoo(index=load(), findings=(), evidence={}, primary={})
    for data in (*documents(toy).values(), *documents(embedded).values()):
        validator.validate(data)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"schema": 1})


def test_neighbours_of_a_model(toy: Zoo) -> None:
    families = site_of(
        Zoo(index=load(), findings=(), evidence={}, primary={}), Settings()
    ).catalogue.families
    models = max((family.models for family in families), key=len)
    names = [model.slug for model in models]
    assert comparison_query(models) == "?models=" + ",".join(names[:4])
    assert comparison_query(models, models[0]).split("=")[1].split(",")[0] == names[0]
    assert comparison_query(models, models[-1]).split("=")[1].split(",")[0] == names[-1]
    assert comparison_query(models[:2], models[1]) == f"?models={names[1]},{names[0]}"
