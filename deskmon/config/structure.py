"""Checks plain data against msgspec structs and finds every fault, where `msgspec.convert` stops at the first."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from deskmon.config.findings import Findings, Path, shown, suggestion

SECRETS = frozenset({"password", "secret", "token", "apikey", "api_key", "passphrase"})
"""Keys whose values no message repeats."""
_WORDS = {
    "str": "text", "float": "a number", "int": "a whole number", "bool": "true or false", "array": "a list",
    "object": "a table", "null": "nothing",
}  # fmt: skip
_EXPECTED = r"(?s)Expected `(?P<kind>[^`]+)`(?P<limit>(?: [^,]*)?)(?:, got `[^`]+`)?(?: - at `.*`)?\Z"


def check(value: Any, kind: Any, path: Path, findings: Findings) -> None:
    """Report everything in `value` that doesn't fit the type `kind`, a struct or what a field of one may be."""
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    origin, inner = get_origin(bare), get_args(bare)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        _struct(value, bare, path, findings)
    elif origin is dict and isinstance(value, dict):
        choices = _choices(inner[0])
        for key, item in value.items():
            if choices and key not in choices:
                findings.unknown_key((*path, key), choices)
            else:
                check(item, inner[1], (*path, key), findings)
            if fault := text_fault(key):
                findings.error((*path, key), f"a name {fault}")
    elif isinstance(value, list) and (origin is list or (origin is tuple and inner[1:] == (...,))):
        for index, item in enumerate(value):
            check(item, inner[0], (*path, index), findings)
        if findings.clean(*path):
            _leaf(value, kind, path, findings)
    else:
        _leaf(value, kind, path, findings)


def _struct(value: Any, kind: type[msgspec.Struct], path: Path, findings: Findings) -> None:
    if not isinstance(value, dict):
        findings.error(path, f"expected a table, got {shown(value)}")
        return
    fields = _fields(kind)
    for key, item in value.items():
        if key in fields:
            check(item, fields[key].type, (*path, key), findings)
        elif kind.__struct_config__.forbid_unknown_fields:
            findings.unknown_key((*path, key), fields)
    for key, field in fields.items():
        if field.required and key not in value:
            findings.error((*path, key), f"missing; {describe(field.type) or 'it has no default'}")
    if findings.clean(*path) and not findings.lenient:
        try:
            msgspec.convert(value, kind, strict=True)
        except msgspec.ValidationError as fault:  # of what the struct itself checks; it may begin with a key
            key = str(fault).partition(" ")[0]
            findings.error((*path, key) if key in value else path, str(fault))


@lru_cache(256)
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields of a struct by their keys: msgspec evaluates all annotations anew at each question."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _leaf(value: Any, kind: Any, path: Path, findings: Findings) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        findings.error(path, f"expected a finite number, got {shown(value)}")
        return
    try:
        msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as fault:
        secret = any(str(part).lower() in SECRETS for part in path)
        findings.error(path, "expected something else" if secret else _words(str(fault), value, kind))
        return
    if isinstance(value, str) and kind is not Any:
        of_list = isinstance(path[-1], int)
        if words := text_fault(value, may_be_blank=not of_list):
            findings.error(path, f"a text {words}")


def text_fault(text: str, *, may_be_blank: bool = False) -> str:
    """Why a text can't be a name or stand on a screen, "" where it can."""
    if not (may_be_blank or text.strip()):
        return "has at least one character that is no blank"
    unseen = next((char for char in text if not char.isprintable()), None)
    return "" if unseen is None else f"has printable characters alone, no U+{ord(unseen):04X}"


def _words(fault: str, value: Any, kind: Any) -> str:
    """msgspec's message in plain words, with what was given."""
    choices = _choices(kind)
    if choices:
        hint = f"; {suggestion(value, choices)}" if isinstance(value, str) else ""
        return f"expected one of {', '.join(map(repr, choices))}, got {shown(value)}{hint}"
    match = re.match(_EXPECTED, fault)
    if match is None:
        return f"{fault}, got {shown(value)}"
    kinds = [part.strip() for part in match["kind"].split("|")]
    words = " or ".join(_WORDS.get(part, part) for part in kinds if part != "null" or len(kinds) == 1)
    return f"expected {words}{match['limit']}, got {shown(value)}"


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Annotated:
        return _choices(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return tuple(choice for choice in get_args(kind) if isinstance(choice, str))
    return ()


def describe(kind: Any) -> str:
    """The description in the type's annotation, "" without one."""
    for extra in get_args(kind)[1:] if get_origin(kind) is Annotated else ():
        if isinstance(extra, msgspec.Meta) and extra.description:
            return extra.description
    return ""
