"""Ids that prove where they come from."""

import pytest

from services.chassis import ids

SECRET = "s" * 32
KNOWN = "6f0c1f9e-6f0e-4a52-8f3a-0d2a4a1d6b7e"


def test_a_signed_reference_is_read_back_in_any_case() -> None:
    signed = ids.signed_reference(SECRET, "reply", KNOWN)
    assert len(signed) == 42
    assert ids.read_signed_reference(SECRET, "reply", signed.upper()) == KNOWN


BROKEN = [
    lambda signed: signed[:-1] + ("a" if signed[-1] != "a" else "b"),
    lambda signed: signed[1:],
    lambda signed: "é" * 42,
    lambda signed: "",
]


@pytest.mark.parametrize("change", BROKEN)
def test_a_reference_that_nobody_signed_is_none(change: object) -> None:
    assert callable(change)
    assert ids.read_signed_reference(SECRET, "reply", change(ids.signed_reference(SECRET, "reply", KNOWN))) is None


def test_a_reference_counts_for_its_purpose_and_secret_alone() -> None:
    signed = ids.signed_reference(SECRET, "reply", KNOWN)
    assert ids.read_signed_reference(SECRET, "other", signed) is None
    assert ids.read_signed_reference("t" * 32, "reply", signed) is None


def test_digits_to_write_down_are_the_same_each_time() -> None:
    first = ids.keyed_digits(SECRET, "code", KNOWN)
    assert first == ids.keyed_digits(SECRET, "code", KNOWN) != ids.keyed_digits(SECRET, "code", ids.random_id())
    assert [len(group) for group in first.split("-")] == [4] * 5
