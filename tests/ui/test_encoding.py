"""How arrays travel to the browser."""

import json

import numpy as np
import pytest

from rnnviz.ui.components.common.encoding import (
    Packed,
    decode,
    encode_counts,
    encode_floats,
    encode_levels,
    from_wire,
    to_wire,
)


def test_a_message_is_the_length_of_the_json_the_json_and_the_bytes_of_all_arrays():
    first, second = encode_counts(np.array([[1, 2, 258]])), encode_levels(np.array([1.0]), 0, 2)
    sent = to_wire({"name": "é", "arrays": [first, {"inner": second}]})
    length = int.from_bytes(sent[:4], "little")
    head = json.loads(sent[4 : 4 + length])
    assert head["name"] == "é"
    assert head["arrays"][0] == {"array": "u16", "shape": [1, 3], "at": 0, "bytes": 6}
    assert head["arrays"][1]["inner"]["at"] == 6
    assert sent[4 + length :] == b"\x01\x00\x02\x00\x02\x01" + bytes([128])


@pytest.mark.parametrize("shape", [(3, 5), (0, 4), (70_000,)])
def test_what_is_sent_arrives(shape):
    values = np.random.randn(*shape).astype(np.float32)
    view = {"none": None, "kinds": {"f": encode_floats(values), "u": encode_counts(values > 0)}}
    assert from_wire(to_wire(view)) == view
    levels = encode_levels(values, -2.0, 2.0)
    assert from_wire(to_wire({"levels": levels})) == {"levels": levels}


def test_anything_else_than_plain_data_is_refused():
    with pytest.raises(TypeError, match="ndarray can't be sent"):
        to_wire({"values": np.zeros(3)})
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_wire({"value": float("nan")})


def test_levels_keep_what_one_byte_can():
    packed = encode_levels(np.array([-1.0, 0.25, 3.0]), 0.0, 1.0)
    assert packed == Packed("u8", (3,), bytes([0, 64, 255]), 0.0, 1.0)
    assert decode(packed).tolist() == pytest.approx([0, 64 / 255, 1])


def test_floats_come_back_exactly():
    values = np.random.randn(28, 128).astype(np.float32)
    packed = encode_floats(values)
    assert packed.kind == "f32"
    assert np.array_equal(decode(packed), values)


def test_very_many_floats_keep_three_decimals():
    values = np.random.rand(784, 128).astype(np.float32) * 2 - 1
    packed = encode_floats(values)
    assert packed.kind == "f16"
    assert len(packed.data) == values.size * 2
    assert np.abs(decode(packed) - values).max() < 0.0005


def test_what_is_not_finite_travels_as_zero():
    packed = encode_floats(np.array([np.nan, np.inf, -np.inf, 2.0]))
    assert decode(packed).tolist() == [0, 0, 0, 2]


def test_bytes_are_little_endian():
    packed = encode_counts(np.array([258]))
    assert packed.data == b"\x02\x01"


def test_values_beyond_half_precision_stay_in_single_precision():
    values = np.full(100_000, 1e6, np.float32)
    assert encode_floats(values).kind == "f32"
