"""A local mail server that keeps what it accepts: each message becomes a file DIR/<Message-ID>.eml.

For the one-machine launcher and for tests. A message that comes twice gets a second file, `-2`: that shows.
"""

import asyncio
import contextlib
import email
import itertools
import os
import re
import signal
import tempfile
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope, Session

UNSAFE = re.compile(r"[^A-Za-z0-9._@-]+")
LONGEST = 120


class MailHandler:
    """Writes each message before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        store_message(self._folder, envelope.original_content or b"")
        return "250 Kept"


def store_message(folder: Path, message: bytes) -> Path:
    """Write `message` to a file of its own in `folder`, durably, and return its path."""
    stem = file_stem(str(email.message_from_bytes(message).get("Message-ID", "")))
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())
        for number in itertools.count(1):
            path = folder / (f"{stem}.eml" if number == 1 else f"{stem}-{number}.eml")
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
                return path
    raise AssertionError("unreachable")


def file_stem(message_id: str) -> str:
    """A file name from a Message-ID: no path, no leading dot, at most LONGEST characters."""
    stem = UNSAFE.sub("_", message_id.strip().strip("<>")).lstrip(".")[:LONGEST]
    return stem or "no-message-id"


async def serve(port: int, folder: Path) -> None:
    """Listen on 127.0.0.1 until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    handler = MailHandler(folder)
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", port)
    click.echo(f"mail sink: listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}, keeping in {folder}")
    await stop.wait()
    server.close()


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="TCP port on 127.0.0.1; 0 takes any.")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where messages go."
)
def main(port: int, folder: Path) -> None:
    """Accept every message and keep it as an .eml file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(serve(port, folder))
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port} or write to {folder}: {error}") from error


if __name__ == "__main__":
    main()
