"""A throw-away authority, made by openssl, and what it signs."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Authority:
    """Makes certificates in `folder`; `ca` is its own."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder = folder
        self.ca, self._key = folder / f"{name}.crt", folder / f"{name}.key"
        self._run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN=throw-away {name}", "-keyout", self._key, "-out", self.ca,
        )  # fmt: skip

    def sign(self, name: str) -> tuple[Path, Path]:
        """Certificate and key for `name`, which may be a host."""
        request, certificate, key = (self._folder / f"{name}.{end}" for end in ("csr", "crt", "key"))
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
        self._run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", key, "-out", request,
        )  # fmt: skip
        self._run(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._key, "-CAcreateserial", "-days", "2",
            "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        key.chmod(0o600)
        return certificate, key

    def _run(self, *args: str | Path) -> None:
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)
