"""Which changes are made of a text, and what is left alone."""

from mutation import changes
from mutation.changes import COMPARISON, JOIN_KEY, THRESHOLD


def of(text: str, kind: str, **cutoff_steps: str) -> set[str]:
    """The changes of one class, as the changed text."""
    made = changes.changes(text, cutoff_steps, text)
    return {c.made_in(text) for c in made if c.kind == kind}


def test_a_bound_is_moved_and_turned_and_its_number_goes_up_and_down():
    assert of("where a >= 10", COMPARISON) == {"where a > 10", "where a < 10"}
    assert of("where a >= 10", THRESHOLD) == {"where a >= 11", "where a >= 9"}
    assert of("where a != 'x'", COMPARISON) == {"where a = 'x'"}


def test_each_bound_of_a_between_is_left_out():
    assert of("where not t.a between f(b, 1) and c", COMPARISON) == {
        "where not (t.a > f(b, 1) and t.a <= c)",
        "where not (t.a >= f(b, 1) and t.a < c)",
    }
    assert of("rows between 1 preceding and current row", COMPARISON) == set()


def test_a_threshold_is_moved_wherever_it_is_used():
    assert of("a + -threshold('x')", THRESHOLD) == {
        "a + -(threshold('x') + 1)",
        "a + -(threshold('x') - 1)",
    }


def test_a_column_of_a_seed_is_moved_where_it_is_used_and_not_where_it_is_named():
    text = "select i.cut, cut as a, b as cut from i where p < i.cut"
    assert of(text, THRESHOLD, cut="1") == {
        "select i.cut, cut as a, b as cut from i where p < (i.cut + 1)",
        "select i.cut, cut as a, b as cut from i where p < (i.cut - 1)",
    }


def test_the_keys_of_a_join_are_counted_apart():
    text = "from a inner join b on a.k = b.k and a.n = 1"
    assert of(text, JOIN_KEY) == {"from a inner join b on a.k != b.k and a.n = 1"}
    assert of(text, COMPARISON) == {"from a inner join b on a.k = b.k and a.n != 1"}


def test_comments_strings_and_casts_are_not_changed():
    text = "select a::int as b -- a >= 1\nfrom t /* a = 2 */ where c like '>= 3'"
    assert {c.old for c in changes.changes(text, {}, text)} == {"like"}


def test_lines_of_a_loop_are_changed_together():
    source = "{% for n in range(1, 3) -%}\nwhen item_{{ n }} > {{ n }}\n{% endfor %}"
    text = "when item_1 > 1\nwhen item_2 > 2\n"
    made = changes.changes(text, {}, source)
    assert {c.made_in(text) for c in made} == {
        "when item_1 >= 1\nwhen item_2 >= 2\n",
        "when item_1 <= 1\nwhen item_2 <= 2\n",
        "when item_1 > 2\nwhen item_2 > 3\n",
        "when item_1 > 0\nwhen item_2 > 1\n",
    }
