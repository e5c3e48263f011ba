"""A real sshd on loopback with throw-away keys, and a thin link to it."""

import asyncio
import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

from tests.ports import reserve_port

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
SSH = shutil.which("ssh")


class Sshd:
    """An sshd that listens on 127.0.0.1:`port` with `match` (lines of sshd_config, a Match block) at its end."""

    def __init__(self, folder: Path, match: str) -> None:
        self.folder, self.port = folder, reserve_port()
        for name in ("host", "client"):
            argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(argv, check=True)
        shutil.copy(folder / "client.pub", folder / "authorized_keys")
        settings = {
            "Port": self.port, "ListenAddress": "127.0.0.1", "HostKey": folder / "host", "PidFile": "none",
            "AuthorizedKeysFile": folder / "authorized_keys", "StrictModes": "no", "UsePAM": "no",
            "PasswordAuthentication": "no", "PermitRootLogin": "yes", "LogLevel": "VERBOSE",
        }  # fmt: skip
        text = "".join(f"{key} {value}\n" for key, value in settings.items()) + match
        (folder / "sshd_config").write_text(text)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where sshd's unprivileged half lives; Debian's service makes it
        argv = [SSHD, "-D", "-e", "-f", str(folder / "sshd_config")]
        with (folder / "sshd.log").open("wb") as log:
            self._process = subprocess.Popen(argv, stderr=log)

    def __enter__(self) -> "Sshd":
        for _ in range(600):
            assert self._process.poll() is None, self.log
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.05)
        raise AssertionError(f"sshd doesn't listen: {self.log}")

    def __exit__(self, *args: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "sshd.log").read_text()

    def client(self, *options: str, port: int | None = None) -> list[str]:
        """The ssh command of a trader; `port` where something stands between."""
        quiet = [f"-o{o}" for o in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")]
        alone = ["-F", "none", "-o", "IdentitiesOnly=yes", "-i", str(self.folder / "client")]
        sent = ["-o", "SendEnv=LANG COLORTERM"]
        where = ["-p", str(port or self.port), f"{getpass.getuser()}@127.0.0.1"]
        return [SSH, "-tt", *alone, *quiet, *sent, *options, *where]


class ThinLink:
    """Carries TCP to 127.0.0.1:`target` at `kbps` kilobits a second each way, from its own `port`.

    What waits in it is little, as on a modem: a sender that is too fast is held back, not stored.
    """

    def __init__(self, target: int, kbps: float) -> None:
        self.port = reserve_port()
        self._target, self._rate = target, kbps * 1000 / 8
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._ended = asyncio.Event()
        self._listens = threading.Event()

    def __enter__(self) -> "ThinLink":
        self._thread.start()
        assert self._listens.wait(10)
        return self

    def __exit__(self, *args: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # inherited by what it accepts
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        visits: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

        async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            visits[task] = writer
            far = socket.socket()
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            far.connect(("127.0.0.1", self._target))
            far_reader, far_writer = await asyncio.open_connection(sock=far, limit=1024)
            ways = [asyncio.create_task(self._carry(*ends)) for ends in ((reader, far_writer), (far_reader, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                far_writer.transport.abort()
                writer.transport.abort()
                del visits[task]

        server = await asyncio.start_server(visit, sock=listening, limit=1024)
        self._listens.set()
        await self._ended.wait()
        server.close()
        for writer in visits.values():
            writer.transport.abort()  # each visit ends with its connection
        await asyncio.gather(*visits, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        free = time.monotonic()
        with contextlib.suppress(OSError):
            while data := await reader.read(256):
                free = max(free, time.monotonic()) + len(data) / self._rate
                await asyncio.sleep(free - time.monotonic())
                writer.write(data)
                await writer.drain()
