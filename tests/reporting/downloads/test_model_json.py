"""A model's JSON holds what its page says, and fits its schema."""

import json

import jsonschema
import pytest

from zoo.model_index.load import load
from zoo.reporting.downloads.model_json import files, schema
from zoo.reporting.pages.compare import comparison_query
from zoo.reporting.pages.settings import Settings
from zoo.reporting.site.render import site_of
from zoo.reporting.views.catalogue import Zoo


def documents(zoo: Zoo) -> dict[str, dict]:
    return {
        file.path: json.loads(file.data)
        for file in files(site_of(zoo, Settings()))
        if "schema" not in file.path
    }


def test_a_models_file(toy: Zoo) -> None:
    data = documents(toy)["downloads/models/net10.json"]
    assert (data["name"], data["page"], data["multiply_adds"], data["resolved"]) == (
        "net10",
        "models/net10/",
        1_000_000,
        "net10.v1",
    )
    flops, parameters = data["claims"][:2]
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
