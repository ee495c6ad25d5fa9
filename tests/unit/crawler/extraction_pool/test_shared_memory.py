"""Pages on their way to the extraction pool."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from mmap import PROT_READ, mmap

import pytest

from crawler.extraction_pool import shared_memory
from crawler.extraction_pool.shared_memory import SharedPage, SharedPages, attach

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is shared by memfd_create(2), which Linux has")


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedPages]:
    """Two places, out of which this process may take things as well."""
    made = SharedPages(2)
    with mmap(made._file, 0, prot=PROT_READ) as seen:
        monkeypatch.setattr(shared_memory, "_shared", None)
        attach(seen)
        yield made
    made.close()


def sent(parcel: SharedPage) -> bytes:
    """The message about it."""
    return pickle.dumps(parcel)


def test_what_is_handed_over_arrives(two_places: SharedPages) -> None:
    data = bytes(range(256)) * 1_000
    message = sent(SharedPage(data, two_places))
    assert len(message) < 200
    assert pickle.loads(message) == data


def test_without_a_free_place_it_travels_with_its_message(two_places: SharedPages) -> None:
    parcels = [SharedPage(bytes([number]) * 5_000, two_places) for number in range(4)]
    messages = [sent(parcel) for parcel in parcels]
    assert [len(message) < 200 for message in messages] == [True, True, False, False]
    assert [pickle.loads(message) for message in messages] == [bytes([number]) * 5_000 for number in range(4)]


def test_a_place_is_free_again_when_its_parcel_was_delivered(two_places: SharedPages) -> None:
    for number in range(10):
        parcel = SharedPage(bytes([number]) * 5_000, two_places)
        message = sent(parcel)
        assert len(message) < 200
        assert pickle.loads(message) == bytes([number]) * 5_000
        parcel.delivered()
        parcel.delivered()  # whoever says so twice frees it once
    assert sorted(two_places._free) == [0, 1]


def test_a_parcel_that_is_over_before_it_is_sent_takes_no_place(two_places: SharedPages) -> None:
    parcel = SharedPage(b"x" * 5_000, two_places)
    parcel.delivered()
    assert pickle.loads(sent(parcel)) == b"x" * 5_000
    assert sorted(two_places._free) == [0, 1]


def test_what_is_too_large_for_a_place_travels_with_its_message(two_places: SharedPages) -> None:
    data = b"x" * (2**20 + 1)
    assert pickle.loads(sent(SharedPage(data, two_places))) == data
    assert sorted(two_places._free) == [0, 1]
    data = b"x" * 2**20
    assert pickle.loads(sent(SharedPage(data, two_places))) == data
    assert len(two_places._free) == 1


def test_a_closed_one_takes_nothing(two_places: SharedPages) -> None:
    two_places.close()
    two_places.close()
    assert two_places.put(b"late") is None
