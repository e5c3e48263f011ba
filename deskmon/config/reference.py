"""docs/config.md and the JSON Schema of deskmon.toml, both made from the schema's structs."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from deskmon.alerts.settings import (
    AlertsConfig,
    AlertTest,
    Expectation,
    RouteSettings,
    RuleSettings,
    ScenarioSettings,
)
from deskmon.analytics.level_settings import LevelSettings, Pinned, Weights
from deskmon.analytics.wave_settings import Parameters as Waves
from deskmon.config.schema import (
    Cell,
    Config,
    DeskConfig,
    FeedConfig,
    HistoryConfig,
    HttpConfig,
    JournalConfig,
    Layout,
    ModelConfig,
    MqttConfig,
    Plugins,
    ReportConfig,
)
from deskmon.config.structure import describe

_TABLES: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("[desk]", DeskConfig),
    ("[model]", ModelConfig),
    ("[waves]", Waves),
    ("[levels]", LevelSettings),
    ("[levels.weights]", Weights),
    ("[[levels.pins]]", Pinned),
    ("[journal]", JournalConfig),
    ("[history]", HistoryConfig),
    ("[mqtt]", MqttConfig),
    ("[http]", HttpConfig),
    ("[report]", ReportConfig),
    ("[plugins]", Plugins),
    ("[feeds.LABEL]", FeedConfig),
    ("[layouts.NAME]", Layout),
    ("[[layouts.NAME.cells]]", Cell),
)

_ALERT_TABLES: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("[alerts]", AlertsConfig),
    ("[alerts.rules.NAME]", RuleSettings),
    ("[alerts.routes.NAME]", RouteSettings),
    ("[scenarios.SET.PATH]", ScenarioSettings),
    ("[[tests]]", AlertTest),
    ("[[tests.expect]]", Expectation),
)

_HEAD = """\
# deskmon.toml

For whoever writes the configuration of a desk. This page is made from the schema
(`deskmon.config.reference.markdown`); a test compares the two.

## Where it is looked for

The first of these that exists is used:

1. `--config FILE` (an error where the file doesn't exist)
2. `$DESKMON_CONFIG` (likewise)
3. `deskmon.toml` in the current folder
4. `deskmon.toml` in the user's config folder
5. the packaged default

`deskmon config path` prints the file in use, `deskmon config path --user` the place in the user's config folder.
`deskmon init` writes a commented file to begin with into the current folder, `deskmon init --user` into the config
folder. `deskmon config show --origin` prints the configuration in use, and where each value comes from.

The first line of that file, `#:schema file:///…/schema.json`, names the JSON Schema for editors that complete and check
TOML. `deskmon config schema` prints the schema. The tables of alerts and scenarios have a page of their own:
[alerts-config.md](alerts-config.md).

## How files are combined

The file in use is laid over the packaged default:

- `[desk]`, `[model]`, `[waves]`, `[levels]`, `[journal]`, `[history]`, `[mqtt]`, `[http]`, `[report]` and `[keys]` key
  by key: a key that the file doesn't have keeps its default.
- `[alerts]` key by key, `[alerts.rules.NAME]` and `[alerts.routes.NAME]` by name, `[scenarios.SET]` by set.
- `[layouts.NAME]` by name: a layout of the same name replaces the default's, others are added.
- `[feeds]` whole: a file that names any feed names all of them.

**A shared file.** A file may extend another one: `extends = "/etc/deskmon/desk.toml"`, before the first table,
absolute or from the file's own folder. The shared file is then laid over the packaged default first, and yours over
that by the same rules. A layout with `locked = true` and a panel with `pinned = true` of the shared file stay as they
are there. If yours differs, the shared layout is used, and a warning says so. Layouts, pins and options that the desk
saves go into your file.

**On the command line.** `--set a.b=value` is laid over all of it, in the order given. The value is TOML, or plain
text where it is not: `--set desk.fps=2 --set desk.symbol=ETH --set feeds.okx.enabled=false`. `--theme NAME` is short
for `--set desk.theme=NAME`, `--layout NAME` for `--set desk.layout=NAME`.

**The format.** `version = 1`, before the first table, says for which format the file is written. Without it, it is
the format of the deskmon that reads it. In a file of a newer format a key that this deskmon doesn't know is a
warning, and it is ignored. Else it is an error.

## What is wrong with it

`deskmon check` lists what is wrong: each problem with its line, its key and the nearest valid name. Beyond 200 it
counts. Its exit status is 2 where the desk wouldn't start, else 0. Errors keep the desk from starting. Warnings
don't. Example: a theme that doesn't exist falls back to `dark`, and a panel or feed whose plug-in is missing or
broken says so in its own place.
"""

_ALERTS_HEAD = """\
# Alerts in deskmon.toml

For whoever writes rules and scenarios: every key. This page is made from the schema
(`deskmon.config.reference.alerts_markdown`); a test compares the two.
"""

_LISTED = {float: "numbers", str: "texts"}

_NOTES = {
    FeedConfig: "All other keys are options of the plug-in that `type` names: see [feeds.md](feeds.md).",
    Layout: "Cells stand inside the grid and don't overlap. Layouts are switched in the order of the file.",
    Cell: "Options of the built-in panels: see [panel-list.md](panel-list.md).",
}

_KEYS = """
## `[keys]`

Moves keys: the id of a key (`deskmon list keys`) and the key that it moves to, one character or a name such as `f5`,
`enter`, `ctrl+x`. Ids have dots; both forms mean the same.

```toml
[keys]
desk.sort = "f6"
"desk.quit" = "ctrl+q"
```
"""


def markdown() -> str:
    """The text of docs/config.md."""
    return _HEAD + _tables(_TABLES) + _KEYS


def alerts_markdown() -> str:
    """The text of docs/alerts-config.md."""
    return _ALERTS_HEAD + _tables(_ALERT_TABLES)


def _tables(tables: tuple[tuple[str, type[msgspec.Struct]], ...]) -> str:
    return "".join("\n" + "\n".join(_section(name, kind)) + "\n" for name, kind in tables)


def json_schema() -> dict[str, Any]:
    """JSON Schema of deskmon.toml, for editors. Options of feeds are open: their plug-ins check them. Ids of keys may
    stand as TOML nests them."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Config)}
    schema["$defs"]["Keys"] = {"type": ["string", "object"], "additionalProperties": {"$ref": "#/$defs/Keys"}}
    schema["$defs"]["Config"]["properties"]["keys"]["additionalProperties"] = {"$ref": "#/$defs/Keys"}
    feed = schema["$defs"]["FeedConfig"]
    del feed["properties"]["options"]
    feed["additionalProperties"] = True
    return schema


def _section(name: str, kind: type[msgspec.Struct]) -> Iterator[str]:
    yield f"## `{name}`"
    yield ""
    doc = " ".join((kind.__doc__ or "").split()).removeprefix(f"`{name}`: ")
    if doc and not doc.startswith(kind.__name__):
        yield from (doc[:1].upper() + doc[1:], "")
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for field in msgspec.structs.fields(kind):
        if kind is FeedConfig and field.name == "options":
            continue
        yield f"| `{field.encode_name}` | {_words(field.type)} | {_default(field)} | {describe(field.type)} |"
    if kind in _NOTES:
        yield from ("", _NOTES[kind])


def _default(field: Any) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value is None:
        return "none"
    if value in ((), {}, []) or isinstance(value, msgspec.Struct):
        return "empty"
    return f"`{msgspec.json.encode(value).decode()}`"


def _words(kind: Any) -> str:
    """A type in words, with its bounds."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        bounds = [f"{sign} {value:g}" for extra in inner[1:] for sign, value in _bounds(extra)]
        return ", ".join([_words(inner[0]), *bounds])
    if origin in (Union, types.UnionType):
        return " or ".join(_words(part) for part in inner if part is not type(None))
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in inner)
    if origin is tuple:
        return f"list of {_LISTED.get(_bare(inner[0]), 'tables')}"
    if origin is dict:
        return "table"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return "table"
    return {str: "text", float: "number", int: "whole number", bool: "true or false"}[kind]


def _bare(kind: Any) -> Any:
    """A type without its annotation, a choice as the text that it is."""
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return str if get_origin(bare) is Literal else bare


def _bounds(meta: msgspec.Meta) -> Iterator[tuple[str, float]]:
    for sign, value in ((">", meta.gt), ("≥", meta.ge), ("<", meta.lt), ("≤", meta.le)):
        if value is not None:
            yield sign, value
