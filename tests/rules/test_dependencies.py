"""What the tree imports is declared, what is declared is used, and what is declared is locked with its hashes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import tomli

ROOT = Path(__file__).parents[2]
SHIPPED = ("deskmon", "feeds", "themes", "widgets")
DEVELOPED_WITH = ("tests", "benchmarks", "tools")
OURS = {"deskmon", *DEVELOPED_WITH}
PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
USED_OTHERWISE = {
    "polars": ("docs/export.md", "import polars"),
    "tzdata": ("deskmon/config/zones.py", "ZoneInfo"),
    "pytest-asyncio": ("pyproject.toml", "asyncio_mode"),
    "pytest-timeout": ("pyproject.toml", "\ntimeout = "),
    "pytest-xdist": ("Makefile", "--numprocesses"),
    "ruff": ("Makefile", "/ruff check"),
    "mypy": ("Makefile", "/mypy"),
    "import-linter": ("Makefile", "/lint-imports"),
    "zensical": ("tools/docs_site.py", '"zensical", "build"'),
    "mkdocstrings-python": ("zensical.toml", "mkdocstrings.handlers.python"),
    "setuptools": ("pyproject.toml", "setuptools.build_meta"),
}
"""Packages that no file imports: the file that uses each, and the words in it that do."""


def named(requirements: Iterable[str]) -> set[str]:
    """Names of packages, as an index normalizes them, of requirements such as `ccxt>=4.5`."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", each)[0]).lower() for each in requirements}


def imported(trees: Iterable[ast.AST]) -> set[str]:
    """Packages that own what is imported, the standard library and the project itself left out."""
    modules: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            modules |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "importorskip":
            modules |= {str(each.value) for each in node.args[:1] if isinstance(each, ast.Constant)}
    owners = packages_distributions()
    roots = {module.partition(".")[0] for module in modules} - OURS - sys.stdlib_module_names
    return named(owner for root in roots for owner in set(owners.get(root, [root])))


def trees(*folders: str) -> Iterable[ast.AST]:
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return (ast.parse(path.read_text(encoding="utf-8")) for path in files)


RUN_TIME = named(PROJECT["dependencies"])
OPTIONAL = {"archive", "mcp", "metrics", "notify"}
"""Extras for what a user may do without: code that is shipped imports their packages where it needs them."""
CHOSEN = named(need for extra in OPTIONAL for need in PROJECT["optional-dependencies"][extra])
EXTRAS = named(need for needs in PROJECT["optional-dependencies"].values() for need in needs)


def test_what_is_shipped_imports_exactly_what_a_user_installs() -> None:
    used = imported(trees(*SHIPPED))
    assert used - RUN_TIME == CHOSEN, "declare them in [project] dependencies"
    assert RUN_TIME - used - USED_OTHERWISE.keys() == set(), "nothing imports them: take them out of dependencies"


def test_tests_benchmarks_and_tools_import_exactly_what_a_developer_installs() -> None:
    used = imported(trees(*DEVELOPED_WITH))
    assert used - RUN_TIME - EXTRAS == set(), "declare them in the extra `test`"
    assert EXTRAS - CHOSEN - used - USED_OTHERWISE.keys() == set(), "nothing uses them: take them out of their extra"
    assert not RUN_TIME & EXTRAS


def test_what_is_used_without_an_import_is_used_where_the_table_says() -> None:
    for package, (file, words) in USED_OTHERWISE.items():
        assert package in RUN_TIME | EXTRAS
        assert words in (ROOT / file).read_text(encoding="utf-8"), f"{file} uses {package} no longer"


def test_an_import_is_found_wherever_it_stands_and_named_after_its_package() -> None:
    tree = ast.parse("def f():\n    import paho.mqtt.client, json\n    from aiohttp import web\n    from . import g")
    assert imported([tree]) == {"paho-mqtt", "aiohttp"}
    assert named(["aiomqtt>=2.5,<3", "import_linter", "pytest.x[y]"]) == {"aiomqtt", "import-linter", "pytest-x"}


def test_lock_and_constraints_pin_the_same_versions_and_the_lock_has_hashes_alone() -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    joined = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [re.split(r"\s+(?=--hash=)", line.strip()) for line in joined.splitlines()]
    assert [pin for pin, *_ in pins] == constraints, "make lock"
    for pin, *hashes in pins:
        assert re.match(r"[a-z0-9-]+==[\w.]+( ; .+)?\Z", pin)
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), pin
    assert named(pin for pin, *_ in pins) >= RUN_TIME | EXTRAS, "make lock"
