"""`python -m tests.operations.make_venv FOLDER STUBS`: what `python3 -m venv FOLDER` is on these tests' machine."""

import shlex
import sys
from pathlib import Path

from tests.wheels import make_environment


def main(folder: Path, stubs: Path) -> None:
    """An environment whose pip installs the wheel that lies below `stubs` for a folder of this name."""
    make_environment(folder, stubs / "packages")
    (wheel,) = (stubs / folder.name).glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--no-deps", "--no-index"]
    script = folder / "bin" / "pip"
    script.write_text(f"#!/bin/sh\nexec {shlex.join([*pip, str(wheel)])}\n")
    script.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
