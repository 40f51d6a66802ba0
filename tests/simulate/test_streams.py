import numpy as np
import pytest

from pipelines.simulate import streams
from pipelines.simulate.parameters import BLOCK_PATIENTS


def test_a_stream_is_told_by_seed_name_and_block():
    def first(*key):
        return streams.stream(*key).random()

    assert first(1, "a", 0) == first(1, "a", 0)
    others = {first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1)}
    assert len(others) == 4


def test_names_and_numbers_do_not_run_together():
    assert streams.stream(1, "a/1", 2).random() != streams.stream(1, "a", 12).random()


@pytest.mark.parametrize("draw", [streams.uniforms, streams.normals])
def test_more_weeks_repeat_fewer_and_go_on(draw):
    short, long = draw(3, "x", 5, 4), draw(3, "x", 5, 9)

    assert np.array_equal(short, long[:4])
    assert long.shape == (9, BLOCK_PATIENTS)


def test_uniforms_are_uniform_and_below_one():
    drawn = streams.uniforms(1, "x", 0, 100)

    counts = np.histogram(drawn, 20, (0, 1))[0]
    expected = drawn.size / 20
    assert ((counts - expected) ** 2 / expected).sum() < 45  # 19 df, p = .0007
    assert drawn.max() < 1


def test_normals_have_mean_zero_and_variance_one():
    drawn = streams.normals(1, "x", 0, 100).astype(float)

    assert abs(drawn.mean()) < 4 / np.sqrt(drawn.size)
    assert abs(drawn.var() - 1) < 4 * np.sqrt(2 / drawn.size)


def test_two_numbers_never_share_a_pseudonym():
    made = streams.pseudonyms(1, "patient", np.arange(200_000)).to_pylist()

    assert len(set(made)) == 200_000
    assert all(len(name) == 17 and name[0] == "p" for name in made[:100])
    assert set("".join(made[:1000])) <= set("p0123456789abcdef")


def test_pseudonyms_depend_on_seed_kind_and_number_only():
    numbers = np.array([7, 8])

    made = streams.pseudonyms(1, "patient", numbers).to_pylist()

    assert streams.pseudonyms(1, "patient", numbers[::-1]).to_pylist() == made[::-1]
    assert streams.pseudonyms(2, "patient", numbers).to_pylist() != made
    assert streams.pseudonyms(1, "place", numbers).to_pylist() != made
