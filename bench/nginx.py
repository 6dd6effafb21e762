"""The peer of serve: nginx, which hands out a folder with ``sendfile`` and keeps no record."""

from __future__ import annotations

import getpass
import grp
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import tools
from bench.process import Process

_LOOK_AGAIN = 0.01
_LONGEST = 20.0
_HOST = "127.0.0.1"
_CONFIGURATION = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes auto;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{port};
        root {root};
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """A running nginx."""

    url: str
    """Of the folder it serves, with a slash at the end."""
    processes: tuple[Process, ...]
    """The master and its workers."""


@contextmanager
def running_nginx(folder: Path, root: Path) -> Iterator[Nginx]:
    """Nginx serving *root* while the block runs; what it writes lies in the new *folder*.

    MissingTool if it is not installed, ToolFailed if it does not start.
    """
    program, port = tools.tool("nginx"), _free_port()
    folder.mkdir()
    configuration = folder / "nginx.conf"
    words = {"user": _user(), "folder": folder, "root": root, "host": _HOST, "port": port}
    configuration.write_text(_CONFIGURATION.format(**words), "utf-8")
    talk = folder / "talk"
    argv = [program, "-c", str(configuration), "-p", str(folder), "-e", "stderr"]
    with (
        talk.open("wb") as said,
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=said) as nginx,
    ):
        try:
            _await_answer(nginx, port, talk)
            master = Process(nginx.pid)
            yield Nginx(url=f"http://{_HOST}:{port}/", processes=(master, *master.children))
        finally:
            nginx.terminate()


def _await_answer(nginx: subprocess.Popen[bytes], port: int, talk: Path) -> None:
    deadline = time.monotonic() + _LONGEST
    while True:
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError as error:
            if nginx.poll() is not None or time.monotonic() > deadline:
                words = talk.read_text("utf-8", "replace")[-500:]
                raise tools.ToolFailed(f"nginx does not answer: {words}") from error
            time.sleep(_LOOK_AGAIN)
        else:
            return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((_HOST, 0))
        port: int = taken.getsockname()[1]
    return port


def _user() -> str:
    """As root, workers would become somebody who may not read the scratch folder."""
    if os.getuid() != 0:
        return ""
    return f"user {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name};"
