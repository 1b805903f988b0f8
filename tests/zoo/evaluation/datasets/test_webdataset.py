import io
import json
import os
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import webdataset
from PIL import Image

from zoo.evaluation.datasets import find, tar_index
from zoo.evaluation.datasets import webdataset as webdataset_source
from zoo.evaluation.datasets.folder import NO_IMAGE
from zoo.model_index.errors import UsageError

NO_LABEL = "its label is no class index, list of indexes or name: "


def encoded(value: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (value, 0, 0)).save(file, "PNG")
    return file.getvalue()


def write(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def samples_of(paths: list[str]) -> Iterator[dict[str, Any]]:
    """webdataset's own reading of the tars; its way to open files would leave them open."""
    for path in paths:
        with open(path, "rb") as stream:
            files = webdataset.tariterators.tar_file_expander([{"url": path, "stream": stream}])
            yield from webdataset.tariterators.group_by_keys(files)


def content(images: object, index: int) -> bytes:
    return images.open(index).read()  # type: ignore[attr-defined]


def test_the_same_samples_as_webdataset(tmp_path: Path) -> None:
    pattern = str(tmp_path / "val-%03d.tar")
    with webdataset.ShardWriter(pattern, maxcount=4, verbose=0) as writer:
        for index in range(10):
            writer.write({"__key__": f"{index:06d}", "png": encoded(index), "cls": index % 3})
    images = find(str(tmp_path))
    urls = sorted(str(path) for path in tmp_path.glob("*.tar"))
    theirs = list(samples_of(urls))
    assert len(urls) == 3
    assert list(images.names) == [
        f"{Path(sample['__url__']).name}/{sample['__key__']}.png" for sample in theirs
    ]
    assert (
        list(images.labels)
        == [int(sample["cls"]) for sample in theirs]
        == [index % 3 for index in range(10)]
    )
    assert [content(images, index) for index in range(10)] == [sample["png"] for sample in theirs]
    assert list(images.sizes) == [len(sample["png"]) for sample in theirs]
    assert (images.split, images.skipped) == ("validation", ())
    spelled = find(str(tmp_path / "val-{000..002}.tar"))
    assert (list(spelled.names), spelled.digest()) == (list(images.names), images.digest())


def test_only_the_shards_of_the_split_are_read(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        write(tmp_path / f"set-{split}-0.tar", {f"{split}.png": encoded(), f"{split}.cls": b"1"})
    assert list(find(str(tmp_path)).names) == ["set-validation-0.tar/validation.png"]
    assert list(find(str(tmp_path), "train").names) == ["set-train-0.tar/train.png"]
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path), "test")
    assert str(caught.value) == f"{tmp_path}: no split test; there are train, validation"


def test_labels_in_json(tmp_path: Path) -> None:
    labels = {"a": 3, "b": [1, 2], "c": "tench", "d": -1}
    members = {}
    for key, label in labels.items():
        members |= {f"{key}.png": encoded(), f"{key}.json": json.dumps({"label": label}).encode()}
    images = find(str(write(tmp_path / "x.tar", members)))
    assert (list(images.labels), images.skipped) == ([3, (1, 2), "tench", None], ())


@pytest.mark.parametrize(
    "name, text, reason",
    [
        ("0.cls", "tench", "expected a class index, got 'tench'"),
        ("0.cls", "3.5", "expected a class index, got '3.5'"),
        ("0.cls", "1_0", "expected a class index, got '1_0'"),
        ("0.cls", "9" * 100, "expected a class index, got '" + "9" * 40 + "...'"),
        ("0.cls", "1" * 70_000, "70,000 bytes are no label"),
        ("0.json", '{"label": {"index": 3}}', NO_LABEL + '\'{"label": {"index": 3}}\''),
        ("0.json", '{"label": true}', NO_LABEL + "'{\"label\": true}'"),
        ("0.json", '{"label": []}', NO_LABEL + "'{\"label\": []}'"),
        ("0.json", '{"labels": 3}', "no label in it"),
        ("0.json", "3", "no label in it"),
        ("0.json", "{", "not JSON: '{'"),
        ("0.json", "[" * 60_000, "not JSON: '" + "[" * 40 + "...'"),
    ],
)
def test_a_label_that_is_none_leaves_its_image_unlabelled(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    members = {"0.png": encoded(), name: text.encode(), "1.png": encoded(), "1.cls": b" 7\n"}
    images = find(str(write(tmp_path / "x.tar", members)))
    assert list(images.labels) == [None, 7]
    assert images.skipped == ((f"x.tar/{name}", reason),)


def test_a_tar_of_folders_of_classes(tmp_path: Path) -> None:
    members = {
        "./val/n01/a.10.png": encoded(1),
        "./val/n01/a.9.png": encoded(2),
        "n02/x.JPEG": b"junk",
        "README": b"",
    }
    images = find(str(write(tmp_path / "x.tar", members)))
    assert list(images.names) == [
        "x.tar/n02/x.JPEG",
        "x.tar/val/n01/a.9.png",
        "x.tar/val/n01/a.10.png",
    ]
    assert list(images.labels) == ["n02", "n01", "n01"]
    assert content(images, 1) == encoded(2)
    assert images.skipped == (("x.tar/README", NO_IMAGE),)


def test_a_tar_may_be_named_by_its_class(tmp_path: Path) -> None:
    for name in ("n01440764", "n01443537"):
        write(tmp_path / f"{name}.tar", {f"{name}_1.JPEG": encoded()})
    assert list(find(str(tmp_path)).labels) == ["n01440764", "n01443537"]
    assert list(find(str(write(tmp_path / "more" / "val-0.tar", {"1.png": encoded()}))).labels) == [
        None
    ]


def test_other_kinds_of_images_are_images(tmp_path: Path) -> None:
    members = {
        "1.WEBP": b"",
        "1.cls": b"1",
        "2.tif": b"",
        "2.cls": b"2",
        "3.bmp": b"",
        "3.cls": b"3",
        "4.gif": b"",
    }
    images = find(str(write(tmp_path / "x.tar", members)))
    assert list(images.names) == ["x.tar/1.WEBP", "x.tar/2.tif", "x.tar/3.bmp"]
    assert list(images.labels) == [1, 2, 3]
    assert images.skipped == (("x.tar/4.gif", NO_IMAGE),)


def test_the_stamp_is_that_of_the_tars(tmp_path: Path) -> None:
    for number in range(2):
        os.utime(
            write(tmp_path / f"val-{number}.tar", {"1.png": encoded(), "2.png": encoded()}),
            ns=(1, 3 + number),
        )
    images = find(str(tmp_path))
    assert list(images.times) == [3, 4]
    os.utime(tmp_path / "val-1.tar", ns=(1, 5))
    again = find(str(tmp_path))
    assert again.digest() == images.digest() and again.stamp() != images.stamp()
    assert list(find(str(tmp_path / "val-{0..2}.tar")).times) == [3, 5]


def test_labels_beside_images_count_before_folders(tmp_path: Path) -> None:
    members = {"dir/1.png": encoded(), "dir/1.cls": b"4", "dir/2.png": encoded()}
    assert list(find(str(write(tmp_path / "x.tar", members))).labels) == [4, None]


def test_other_files_of_a_sample(tmp_path: Path) -> None:
    members = {
        "1.png": encoded(1),
        "1.seg.png": encoded(2),
        "1.cls": b"0",
        "1.txt": b"",
        "2.cls": b"1",
    }
    members |= {"__index__/notes.png": encoded(), "._3.png": encoded()}
    images = find(str(write(tmp_path / "x.tar", members)))
    assert [content(images, index) for index in range(len(images))] == [encoded(1)]
    assert images.skipped == (
        ("x.tar/__index__/notes.png", "a note about the shard and no sample"),
        ("x.tar/._3.png", "hidden"),
        ("x.tar/1.seg.png", "another image of a sample"),
        ("x.tar/2.cls", NO_IMAGE),
    )


def test_links_devices_and_names_that_lead_out_are_passed_over(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.tar",
        {"../up.png": encoded(), "/abs.png": encoded(), "a/../../b.png": encoded()},
    )
    with tarfile.open(path, "a") as archive:
        for name, kind in [
            ("s.png", tarfile.SYMTYPE),
            ("h.png", tarfile.LNKTYPE),
            ("f.png", tarfile.FIFOTYPE),
        ]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/hostname"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("good.png"), io.BytesIO())
    images = find(str(path))
    assert list(images.names) == ["x.tar/good.png"]
    assert images.skipped == (
        ("x.tar/../up.png", "its name leads out of the archive"),
        ("x.tar//abs.png", "its name leads out of the archive"),
        ("x.tar/a/../../b.png", "its name leads out of the archive"),
        ("x.tar/s.png", "a link"),
        ("x.tar/h.png", "a link"),
        ("x.tar/f.png", "not a plain file"),
    )


def test_a_second_file_of_a_name_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tar", {"1.png": encoded(1)})
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("1.png")
        info.size = len(encoded(2))
        archive.addfile(info, io.BytesIO(encoded(2)))
    images = find(str(path))
    assert content(images, 0) == encoded(1)
    assert images.skipped == (("x.tar/1.png", "a second file of this name"),)


def test_a_truncated_shard_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    members = {
        name: value
        for key in "abc"
        for name, value in [(f"{key}.png", encoded()), (f"{key}.cls", b"1")]
    }
    whole = write(tmp_path / "val-0.tar", members).read_bytes()
    with tarfile.open(tmp_path / "val-0.tar") as archive:
        third = archive.getmember("c.png").offset_data
    (tmp_path / "val-1.tar").write_bytes(whole[: third + 10])
    (tmp_path / "val-2.tar").touch()
    (tmp_path / "val-3.tar").write_bytes(b"no tar at all" * 100)
    (tmp_path / "val-4.tar").write_bytes(whole[: third - 512])
    images = find(str(tmp_path / "val-{0..5}.tar"))
    assert [name for name in images.names if not name.startswith("val-0")] == [
        "val-1.tar/a.png",
        "val-1.tar/b.png",
        "val-4.tar/a.png",
        "val-4.tar/b.png",
    ]
    assert images.skipped == (
        ("val-1.tar/c.png", "cut off"),
        ("val-1.tar", "not a tar that can be read to its end: unexpected end of data"),
        ("val-2.tar", "not a tar that can be read to its end: empty file"),
        ("val-3.tar", "not a tar that can be read to its end: invalid header"),
        ("val-4.tar", "no end mark where its members end; it may be cut off"),
        ("val-5.tar", "cannot be read: No such file or directory"),
    )


def test_a_header_of_junk_in_the_middle(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tar", {"1.png": encoded(), "2.png": encoded()})
    with tarfile.open(path) as archive:
        second = archive.getmember("2.png").offset
    data = bytearray(path.read_bytes())
    data[second : second + 512] = b"\xff" * 512
    path.write_bytes(data)
    images = find(str(path))
    assert list(images.names) == ["x.tar/1.png"]
    assert images.skipped == (("x.tar", "no end mark where its members end; it may be cut off"),)


def test_a_size_below_zero_does_not_go_round_for_ever(tmp_path: Path) -> None:
    def header(name: str, size: int) -> bytes:
        block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.GNU_FORMAT))
        block[124:136] = b"\xff" * 4 + size.to_bytes(8, "big", signed=True)
        block[148:156] = b" " * 8
        block[148:156] = f"{sum(block):06o}\0 ".encode()
        return bytes(block)

    path = tmp_path / "x.tar"
    path.write_bytes(header("1.png", -512) + header("2.png", -1024) + bytes(1024))
    listed = tar_index.index_tar(path)
    assert len(listed.members) <= 1
    assert [name for name, _ in listed.skipped] and listed.skipped[-1][0] == ""


def test_nothing_in_any_shard(tmp_path: Path) -> None:
    (tmp_path / "a.tar").touch()
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path))
    reason = "skipped a.tar: not a tar that can be read to its end: empty file"
    assert str(caught.value) == f"{tmp_path}: it has no image; {reason}"


def test_a_pattern_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find(str(tmp_path / "val-{00..03}.tar"))
    example = f"none of these 4 files exists, such as {tmp_path}/val-00.tar"
    assert str(caught.value) == f"{tmp_path}/val-{{00..03}}.tar: {example}"


@pytest.mark.parametrize(
    "pattern, names",
    [
        ("v-{08..11}.tar", ["v-08.tar", "v-09.tar", "v-10.tar", "v-11.tar"]),
        ("v-{2..0}.tar", ["v-2.tar", "v-1.tar", "v-0.tar"]),
        ("{a,b}-{1..2}.tar", ["a-1.tar", "a-2.tar", "b-1.tar", "b-2.tar"]),
        ("v-{x}.tar", ["v-x.tar"]),
    ],
)
def test_braces_as_webdataset_spells_them_out(pattern: str, names: list[str]) -> None:
    assert webdataset_source.expand(pattern) == names
    if "{x}" not in pattern:
        assert list(webdataset.shardlists.expand_urls(pattern)) == names


def test_braces_without_bounds() -> None:
    for pattern in ("{0..999999999}.tar", "{0..999}{0..999}.tar"):
        with pytest.raises(UsageError) as caught:
            webdataset_source.expand(pattern)
        assert str(caught.value) == f"{pattern}: more than 100,000 files"


def test_the_same_bytes_in_another_process_and_after_a_fork(tmp_path: Path) -> None:
    images = find(str(write(tmp_path / "x.tar", {f"{n}.png": encoded(n) for n in range(3)})))
    assert content(images, 0) == encoded(0)
    child = os.fork()
    if child == 0:
        os._exit(0 if content(images, 1) == encoded(1) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert content(images, 2) == encoded(2)
    assert content(pickle.loads(pickle.dumps(images)), 1) == encoded(1)


def test_only_so_many_files_are_kept_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_index, "MOST_OPEN", 2)
    for number in range(4):
        write(tmp_path / f"{number}.tar", {"1.png": encoded(number)})
    images = find(str(tmp_path))
    assert [content(images, index) for index in (0, 1, 2, 3, 0)] == [
        encoded(number) for number in (0, 1, 2, 3, 0)
    ]
    assert len(images.opener.handles.descriptors) == 2  # type: ignore[attr-defined]


def test_a_shard_that_became_shorter(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tar", {"1.png": encoded()})
    images = find(str(path))
    os.truncate(path, 520)
    with pytest.raises(OSError, match=r"x\.tar: cut off at byte 520$"):
        images.open(0)
