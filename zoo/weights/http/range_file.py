"""A remote file as `zipfile`, `pickle` and `torch.load` want one: it can be read and sought in, and
fetches only that.

The reading methods are fsspec's. Its caches are not enough: a checkpoint's directory lies at the
end and its pickle at the start, so more than one window has to be kept (`readahead`, `bytes`), and
a large read has to be one request (`blockcache` makes one for each block).
"""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from fsspec.caching import BaseCache
from fsspec.spec import AbstractBufferedFile

from zoo.model_index.errors import Torn

BLOCK = 1 << 14
KEPT = 1 << 10  # blocks, 16 MiB
LIMIT = 1 << 26  # bytes of one file that are fetched unless the caller says otherwise

Fetch = Callable[[int, int], bytes]  # the bytes from a start up to an end


class Blocks(BaseCache):
    """Keeps the blocks that were used last. A read fetches all that it lacks in one request, and
    where reading goes on from where it stopped, a quarter more than was read so far: at most that
    much is fetched in vain."""

    name = "zoo-blocks"

    def __init__(self, blocksize: int, fetcher: Fetch, size: int):
        super().__init__(blocksize, fetcher, size)
        self.nblocks = ceil(size / blocksize)
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._next, self._run = -1, 0

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        start, stop = start or 0, self.size if stop is None else min(stop, self.size)
        if start >= stop:
            return b""
        if stop - start > KEPT * self.blocksize:  # more than is ever kept
            return super()._fetch(start, stop)
        numbers = range(start // self.blocksize, (stop - 1) // self.blocksize + 1)
        blocks = {number: self._kept[number] for number in numbers if number in self._kept}
        missing = [number for number in numbers if number not in blocks]
        if missing:
            blocks |= self._get(missing[0], missing[-1] + 1)
        self._keep(blocks)
        whole = b"".join(blocks[number] for number in numbers)
        at = start - numbers[0] * self.blocksize
        return whole[at : at + stop - start]

    def _get(self, first: int, end: int) -> dict[int, bytes]:
        """The blocks from `first` up to `end`, and what is read ahead of them."""
        self._run = self._run + end - first if first == self._next else 0
        end = min(end + self._run // 4, self.nblocks)
        data = super()._fetch(first * self.blocksize, min(end * self.blocksize, self.size))
        self._next = end
        return {
            number: data[at : at + self.blocksize]
            for number, at in zip(
                range(first, end), range(0, len(data), self.blocksize), strict=True
            )
        }

    def _keep(self, blocks: dict[int, bytes]) -> None:
        """Keep the last blocks of these, and let go of those that were not used for longest."""
        for number in sorted(blocks)[-KEPT:]:
            self._kept[number] = blocks[number]
            self._kept.move_to_end(number)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


class RangeFile(AbstractBufferedFile):
    """A remote file, read only, for one thread at a time.

    `transferred` and `requests` count what was fetched. A file that says of itself that gigabytes
    have to be read meets `limit` and raises `Torn`.
    """

    def __init__(self, name: str, size: int, fetch: Fetch, limit: int | None = LIMIT):
        self.name, self.limit, self._fetch_bytes = name, limit, fetch
        self.transferred = self.requests = 0
        super().__init__(None, name, "rb", BLOCK, cache_type="none", size=size)
        self.cache = Blocks(BLOCK, self._fetch_range, size)

    def _fetch_range(self, start: int, end: int) -> bytes:
        if self.limit is not None and self.transferred + end - start > self.limit:
            raise Torn(self.name, f"more than {self.limit} bytes would have to be read of it")
        data = self._fetch_bytes(start, end)
        self.transferred += len(data)
        self.requests += 1
        return data

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> str:
        raise TypeError("an open remote file cannot be pickled")
