"""What shape a model's checkpoint has, as a key: a checkpoint is read only by a desk whose key is the same.

The key is a digest of all that a checkpoint is written and read by: the fields of the classes, and the code of their
`checkpoint` and `restore`, with the functions, classes and constants that these name. So a field that was added,
renamed or given another type, and a column in another place, give another key, and nobody has to remember to. A change
that moves none of these, such as another panel, keeps it. Another minor version of Python gives another key, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from inspect import get_annotations
from types import CodeType, FunctionType
from typing import Any

from deskmon.digest import digest
from deskmon.model import Model

WRITERS = frozenset({"__init__", "clear", "checkpoint", "checkpoints", "restore", "restored", "_restore"})
"""Methods that say what a class holds, and how that is written and read."""
_OURS = ("deskmon.model", "deskmon.events", "deskmon.analytics")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PLAIN = (str, bytes, int, float, complex, bool, type(None))


@cache
def shape() -> str:
    """The key of this desk's checkpoints: 12 characters, 0 to 9 and a to f."""
    return shape_of(Model)


def shape_of(root: type) -> str:
    """The key of a class that has a checkpoint."""
    return digest("\n".join(_Walk().of(root)))[:12]


class _Walk:
    """Describes what it is given and all that this names, each once."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def of(self, thing: Any) -> Iterator[str]:
        """Words that are others where the thing is another."""
        if isinstance(thing, property):
            thing = thing.fget
        thing = getattr(thing, "__func__", thing)
        is_known = id(thing) in self._seen
        if isinstance(thing, type):
            yield f"class {thing.__module__}.{thing.__qualname__}"
            if not is_known and thing.__module__.startswith(_OURS):
                self._seen.add(id(thing))
                yield from self._class(thing)
        elif isinstance(thing, FunctionType):
            if not is_known and thing.__module__.startswith(_OURS):
                self._seen.add(id(thing))
                yield from self._code(thing.__code__, thing.__globals__, thing.__doc__)
        else:
            yield from self._constant(thing)

    def _class(self, kind: type) -> Iterator[str]:
        for base in kind.__bases__:
            yield from self.of(base)
        config = getattr(kind, "__struct_config__", None)
        if config is not None:
            yield f"{config.tag_field} {config.tag} {config.array_like} {kind.__struct_encode_fields__}"  # type: ignore[attr-defined]
        yield f"slots {kind.__dict__.get('__slots__')}"
        within = vars(sys.modules[kind.__module__])
        for name, annotation in sorted(get_annotations(kind).items()):
            yield f"{name}: {annotation}"
            for word in _NAME.findall(str(annotation)):
                if word in within:
                    yield from self.of(within[word])
        for name in sorted(WRITERS & kind.__dict__.keys()):
            yield f"method {name}"
            yield from self.of(kind.__dict__[name])
            yield from self._helpers(kind, kind.__dict__[name])

    def _helpers(self, kind: type, method: Any) -> Iterator[str]:
        """Methods of the same class that one names."""
        code = getattr(getattr(method, "__func__", method), "__code__", None)
        for name in () if code is None else sorted(_names(code)):
            helper = kind.__dict__.get(name)
            if name not in WRITERS and isinstance(helper, FunctionType | property | classmethod | staticmethod):
                yield f"helper {name}"
                yield from self.of(helper)

    def _code(self, code: CodeType, within: dict[str, Any], doc: str | None) -> Iterator[str]:
        yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {code.co_freevars}"
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self._code(constant, within, None)
            elif doc is None or constant != doc:
                yield from self._constant(constant)
        for name in sorted(set(code.co_names) & within.keys()):
            yield from self.of(within[name])

    def _constant(self, value: Any) -> Iterator[str]:
        """A constant by its value; of anything else its type alone, since an address would be another each time."""
        if isinstance(value, _PLAIN):
            yield repr(value)
        elif isinstance(value, tuple | list):
            yield f"{type(value).__name__} of {len(value)}"
            for each in value:
                yield from self.of(each)
        elif isinstance(value, frozenset | set):
            yield repr(sorted(map(repr, value)))
        elif isinstance(value, dict):
            for key, each in value.items():
                yield repr(key) if isinstance(key, _PLAIN) else type(key).__name__
                yield from self.of(each)
        elif getattr(value, "__origin__", None) is not None:
            yield f"{value.__origin__}"
            yield from self.of(value.__args__)
        else:
            yield type(value).__name__


def _names(code: CodeType) -> set[str]:
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*map(_names, inner))
