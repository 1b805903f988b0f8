"""How many bytes it takes to look at a checkpoint over HTTP, counted at the server, beside the size
of the file.

The checkpoints have the state dicts of real models, saved by torch and safetensors, and are served
by a server with ranges on this machine. Their values are zeros, which costs nothing and changes no
layout.
"""

import argparse
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

MODELS = ("efficientnet_lite0", "resnet18", "resnet50", "densenet161", "dpn98", "dpn131")
BARS = (
    (200_000_000, 0.1),
    (20_000_000, 1.0),
)  # at most this many percent of a zip checkpoint above this size


@dataclass
class Files(ThreadingHTTPServer):
    """Serves the files of a folder by ranges, and counts the bytes of bodies it sent of each."""

    folder: Path
    sent: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    __hash__ = object.__hash__


class Handler(BaseHTTPRequestHandler):
    """Answers one range of one file."""

    protocol_version = "HTTP/1.1"
    server: Files

    def do_GET(self) -> None:
        data = (self.server.folder / self.path.rpartition("/")[2]).read_bytes()
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"] or "")
        start, end = (int(match[1]), min(int(match[2]) + 1, len(data))) if match else (0, len(data))
        self.send_response(206 if match else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(end - start))
        if match:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        self.end_headers()
        self.wfile.write(data[start:end])
        self.server.sent[self.path] = self.server.sent.get(self.path, 0) + end - start

    def log_message(self, format: str, *args: object) -> None:
        """No line for each request."""


def checkpoints(folder: Path, models: list[str]) -> list[tuple[str, str]]:
    """Write each model's state dict in each format: the file's name, and the format's."""
    import timm
    import torch
    from safetensors.torch import save_file

    written = []
    for model in models:
        with torch.device("meta"):
            live = timm.create_model(model)
        state = {
            name: torch.zeros(value.shape, dtype=value.dtype)
            for name, value in live.state_dict().items()
        }
        torch.save(state, folder / f"{model}.pth")
        torch.save(state, folder / f"{model}.legacy.pth", _use_new_zipfile_serialization=False)
        save_file(state, folder / f"{model}.safetensors")
        written += [
            (f"{model}.pth", "zip"),
            (f"{model}.legacy.pth", "legacy"),
            (f"{model}.safetensors", "safetensors"),
        ]
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=list(MODELS))
    models = parser.parse_args().models
    from zoo.weights.describe import InspectOptions, describe_reference
    from zoo.weights.http.client import Client

    with TemporaryDirectory() as folder:
        server = Files(Path(folder))
        host = f"127.0.0.1:{server.server_address[1]}"
        print(f"{'checkpoint':<34}{'bytes':>14}{'sent':>12}{'share':>9}{'seconds':>9}   bar")
        for name, kind in checkpoints(Path(folder), models):
            size = (Path(folder) / name).stat().st_size
            with Client(allow_hosts=[host]) as client:
                start = time.perf_counter()
                found = describe_reference(f"http://{host}/{name}", None, client, InspectOptions())
                seconds = time.perf_counter() - start
            if found.error or not found.tensors:
                sys.exit(f"{name}: {found.error}")
            share = 100 * server.sent[f"/{name}"] / size
            bar = (
                next((percent for least, percent in BARS if size > least), None)
                if kind == "zip"
                else None
            )
            told = "" if bar is None else f"{bar:.1f}% {'reached' if share <= bar else 'MISSED'}"
            print(
                f"{name:<34}{size:14,}{server.sent[f'/{name}']:12,}{share:8.3f}%{seconds:9.3f}   "
                f"{told}"
            )
        server.shutdown()


if __name__ == "__main__":
    main()
