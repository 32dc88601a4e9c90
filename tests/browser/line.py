"""A bad line between a browser and the place: it lets through, is cut, loses answers, or falls silent."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """An address of its own that leads to ``url``; what was asked over it is counted by method and path."""

    def __init__(self, url: str):
        there = urlsplit(url)
        self.host, self.there = there.hostname or "", there.port or 80
        self.url = ""
        self.state = "good"
        self.asked: Counter[str] = Counter()
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Nobody is reached any more, nor by what is connected."""
        self.state = "cut"
        self._hang_up()

    def fall_silent(self) -> None:
        """What is said from now on is taken and never answered."""
        self.state = "silent"
        self._hang_up()

    def lose_answers(self) -> None:
        """What is said from now on arrives, and the answer does not come back."""
        self.state = "deaf"
        self._hang_up()

    def mend(self) -> None:
        self.state = "good"
        self._hang_up()

    def _hang_up(self) -> None:
        for writer in list(self._open):
            self._loop.call_soon_threadsafe(writer.close)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self._over.wait()
        server.close()
        for writer in list(self._open):
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state == "cut":
            writer.close()
            return
        self._open.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            if self.state == "silent":
                while await reader.read(65536):
                    pass
                return
            far_reader, far_writer = await asyncio.open_connection(self.host, self.there)
            self._open.add(far_writer)
            back = self._lose(far_reader, writer) if self.state == "deaf" else self._pass(far_reader, writer)
            await asyncio.gather(self._pass(reader, far_writer, count=True), back)
        self._open.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, count: bool = False) -> None:
        with suppress(OSError):
            while some := await reader.read(65536):
                first = some.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                if count and len(first) == 3 and first[2].startswith("HTTP/"):
                    self.asked[f"{first[0]} {urlsplit(first[1]).path}"] += 1
                writer.write(some)
                await writer.drain()
        writer.close()
        self._open.discard(writer)

    async def _lose(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read(65536)
        writer.close()
        self._open.discard(writer)


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A line while it is needed."""
    line, ready = Line(url), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(line._serve(ready)))
    thread.start()
    ready.wait()
    try:
        yield line
    finally:
        line._loop.call_soon_threadsafe(line._over.set)
        thread.join()
