"""The server's description for programs, OpenAPI 3.1: its schemas are made of the structs of the figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec

from deskmon import __version__
from deskmon.http.event_log import TYPES
from deskmon.http.requests import (
    FORMS,
    MOST_ASSETS,
    MOST_COLUMNS,
    MOST_NAME,
    MOST_NUMBER,
    MOST_PATHS,
    MOST_POINTS,
    MOST_ROWS,
    SIZE,
)
from deskmon.model.figures import State
from deskmon.model.provenance import FigureReading
from deskmon.past.series import FigureSeries

_REFUSALS = {
    "400": "A parameter can't be meant.", "401": "A token is needed.", "403": "Another site's page asks.",
    "421": "The name in the Host header is not served.", "429": "Too much at once; ask again later.",
    "503": "The hub can't tell it now, or keeps no journal.",
}  # fmt: skip


class Refusal(msgspec.Struct):
    """Why there is no answer, and what to do."""

    error: str
    remedy: str


_MOMENT = {"type": "string", "maxLength": 80}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": MOST_NUMBER}
_KEYS = {"anyOf": [{"enum": [*State.__struct_fields__]}, {"type": "string", "minLength": 1}]}
_SIZE = {"type": "string", "pattern": r"^\d{1,4}x\d{1,4}$"}


def _parameter(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _several(name: str, description: str, items: dict[str, Any]) -> dict[str, Any]:
    return _parameter(
        name, description, {"type": "array", "items": items, "minItems": 1}, style="form", explode=False
    )  # fmt: skip


_AT = _parameter("at", "Desk time: ISO 8601 UTC, epoch ms, `2h ago`, `yesterday 21:00`. Now where absent.", _MOMENT)


class _Path(NamedTuple):
    name: str
    summary: str
    parameters: tuple[dict[str, Any], ...]
    content_types: tuple[str, ...]
    answers: tuple[Any, ...]
    """Structs, or a schema."""


_PATHS = {
    "/openapi.json": _Path("describe", "This description.", (), ("application/json",), ({"type": "object"},)),
    "/state": _Path(
        "state", "What `deskmon state` prints.",
        (_several("only", f"Keys and figures, apart by commas, {MOST_PATHS} at most; all where absent.", _KEYS), _AT),
        ("application/json",), ({"$ref": "#/components/schemas/SomeState"},),
    ),
    "/figures/{path}": _Path(
        "figure", "One figure with its age and coverage: now, at a moment or over time.",
        (
            {**_parameter("path", "As `deskmon list figures` has it.", {"type": "string", "minLength": 1}),
             "in": "path", "required": True},
            _AT,
            _parameter("from", "Over time, from this moment; an hour before `to` where absent.", _MOMENT),
            _parameter("to", "Over time, up to this moment; now where absent.", _MOMENT),
            _parameter("every", f"Over time, a step such as `1m`; {MOST_POINTS} steps at most.", _MOMENT),
        ),
        ("application/json",), (FigureReading, FigureSeries),
    ),
    "/snapshot.svg": _Path(
        "snapshot", "A frame of the desk as a picture.",
        (
            _parameter("layout", "The configured one where absent.", {"type": "string"}),
            _parameter("panel", "This panel alone.", {"type": "string"}),
            _parameter("size", f"Columns x rows, {MOST_COLUMNS}x{MOST_ROWS} at most; {SIZE[0]}x{SIZE[1]} where absent.",
                       _SIZE),
            _AT,
        ),
        ("image/svg+xml",), ({"type": "string"},),
    ),
    "/report.{form}": _Path(
        "report", "The figures of a market report of the hub's journal, for people.",
        (
            {**_parameter("form", "How it is written.", {"enum": [*FORMS]}), "in": "path", "required": True},
            _parameter("from", "Where it begins; the Monday before `to` where absent.", _MOMENT),
            _parameter("to", "Where it ends; now where absent.", _MOMENT),
            _several("asset", f"Whom it tells of, {MOST_ASSETS} at most; the largest where absent.",
                     {"type": "string", "minLength": 1, "maxLength": MOST_NAME}),
        ),
        tuple(FORMS.values()), ({"type": "string"},),
    ),
    "/events": _Path(
        "events", "Events as server-sent events: the id is their number, the data what a journal has.",
        (
            _parameter("from", "Number of the first one; what comes from now on where absent.", _NUMBER),
            _several("type", "These types alone, apart by commas; all where absent.", {"enum": sorted(TYPES)}),
            {**_parameter("Last-Event-ID", "Number of the one before the first; browsers send it.", _NUMBER),
             "in": "header"},
        ),
        ("text/event-stream",), ({"type": "string"},),
    ),
}  # fmt: skip


@cache
def description() -> dict[str, Any]:
    """The whole document."""
    structs = (State, Refusal, FigureReading, FigureSeries)
    found, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    references = dict(zip(structs, found, strict=True))
    schemas["SomeState"] = {
        **schemas["State"], "required": [], "additionalProperties": True,
        "description": "The parts of `State` that were asked for; under a figure's path, what it reads.",
    }  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": "deskmon", "version": __version__, "description": "A desk's figures. Read-only."},
        "paths": {path: {"get": _operation(each, references)} for path, each in _PATHS.items()},
        "components": {
            "schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }  # fmt: skip


def _operation(path: _Path, references: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    answers = [answer if isinstance(answer, dict) else references[answer] for answer in path.answers]
    schema = answers[0] if len(answers) == 1 else {"oneOf": answers}
    content = {each: {"schema": schema} for each in path.content_types}
    refusals = {
        status: {"description": text, "content": {"application/json": {"schema": references[Refusal]}}}
        for status, text in _REFUSALS.items()
    }
    return {
        "operationId": path.name,
        "summary": path.summary,
        "parameters": list(path.parameters),
        "responses": {"200": {"description": "Done.", "content": content}, **refusals},
    }
