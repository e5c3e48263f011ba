"""A deskmon.toml to begin with: what most desks change, commented out, and the schema by which editors help."""

from __future__ import annotations

from pathlib import Path
from string import Template

PACKAGE = Path(__file__).parent.parent
SCHEMA = PACKAGE / "schema.json"
"""JSON Schema of deskmon.toml: what `deskmon.config.reference.json_schema` says, as a file that editors read."""


def text() -> str:
    """The text of a starter file. As it stands it changes nothing."""
    template = Template((PACKAGE / "templates" / "deskmon.toml.tmpl").read_text(encoding="utf-8"))
    return template.substitute(schema=SCHEMA.as_uri())
