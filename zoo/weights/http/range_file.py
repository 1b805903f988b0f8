"""Remote file for `zipfile`, `pickle` and `torch.load`: seekable, and it fetches only what is read.

The reading methods are fsspec's. Its caches do not fit: a checkpoint's directory is at its end and
its pickle at its start, so one window is too little (`readahead`, `bytes`), and a large read must
be one request (`blockcache` sends one for each block).
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from fsspec.caching import BaseCache
from fsspec.spec import AbstractBufferedFile

from zoo.model_index.errors import Torn

BLOCK = 1 << 14
MAX_BLOCKS = 1 << 10  # 16 MiB
LIMIT = 1 << 26  # bytes of one file that are fetched by default
SECONDS = 300.0  # of waiting for one file

Fetch = Callable[[int, int], bytes]  # (start, end) -> bytes


class BlockCache(BaseCache):  # type: ignore[misc]
    """Cache of the blocks that were used last.

    A read fetches all missing blocks in one request. A read that continues the last one fetches a
    quarter more than was read so far: at most that much is fetched in vain.
    """

    name = "zoo-blocks"

    def __init__(self, blocksize: int, fetcher: Fetch, size: int):
        super().__init__(blocksize, fetcher, size)
        self.nblocks = ceil(size / blocksize)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._next, self._run = -1, 0

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        start, stop = start or 0, self.size if stop is None else min(stop, self.size)
        if start >= stop:
            return b""
        if stop - start > MAX_BLOCKS * self.blocksize:  # more than the cache holds
            data: bytes = super()._fetch(start, stop)
            return data
        numbers = range(start // self.blocksize, (stop - 1) // self.blocksize + 1)
        blocks = {number: self._blocks[number] for number in numbers if number in self._blocks}
        missing = [number for number in numbers if number not in blocks]
        if missing:
            blocks |= self._fetch_blocks(missing[0], missing[-1] + 1)
        self._store(blocks)
        data = b"".join(blocks[number] for number in numbers)
        offset = start - numbers[0] * self.blocksize
        return data[offset : offset + stop - start]

    def _fetch_blocks(self, first: int, end: int) -> dict[int, bytes]:
        """Fetch the blocks from `first` up to `end`, and those that are read ahead."""
        self._run = self._run + end - first if first == self._next else 0
        end = min(end + self._run // 4, self.nblocks)
        data = super()._fetch(first * self.blocksize, min(end * self.blocksize, self.size))
        self._next = end
        offsets = range(0, len(data), self.blocksize)
        return {
            number: data[offset : offset + self.blocksize]
            for number, offset in zip(range(first, end), offsets, strict=True)
        }

    def _store(self, blocks: dict[int, bytes]) -> None:
        """Store the last of these blocks, and drop those that were unused for longest."""
        for number in sorted(blocks)[-MAX_BLOCKS:]:
            self._blocks[number] = blocks[number]
            self._blocks.move_to_end(number)
        while len(self._blocks) > MAX_BLOCKS:
            self._blocks.popitem(last=False)


class RangeFile(AbstractBufferedFile):  # type: ignore[misc]
    """Read-only remote file, for one thread at a time.

    `transferred` and `requests` count what was fetched. Reading more than `limit` bytes, or for
    longer than `seconds`, raises `Torn`: a hostile file may claim to need gigabytes, and its server
    may send a few bytes a second.
    """

    def __init__(
        self,
        name: str,
        size: int,
        fetch: Fetch,
        limit: int | None = LIMIT,
        seconds: float = SECONDS,
    ):
        self.name, self.limit, self.seconds, self._fetch_bytes = name, limit, seconds, fetch
        self.transferred = self.requests = 0
        self.waited = 0.0
        super().__init__(None, name, "rb", BLOCK, cache_type="none", size=size)
        self.cache = BlockCache(BLOCK, self._fetch_range, size)

    def _fetch_range(self, start: int, end: int) -> bytes:
        if self.limit is not None and self.transferred + end - start > self.limit:
            raise Torn(self.name, f"reading it takes more than {self.limit} bytes")
        if self.limit is not None and self.waited > self.seconds:
            raise Torn(self.name, f"reading it takes more than {self.seconds:g} s")
        begin = time.monotonic()
        data = self._fetch_bytes(start, end)
        self.waited += time.monotonic() - begin
        self.transferred += len(data)
        self.requests += 1
        return data

    def __eq__(self, value: object) -> bool:
        return self is value

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> str:
        raise TypeError("an open remote file cannot be pickled")
