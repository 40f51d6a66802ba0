"""Each threshold of the tripwire has counts on both sides of it."""

from dataclasses import replace

import pytest

from pipelines.intake.identifiers import chance, judging
from pipelines.intake.identifiers.counted import (
    Code,
    Counted,
    Days,
    Forms,
    Names,
    Run,
    Small,
    Texts,
)
from pipelines.intake.identifiers.numbers import COMPACT_FORMS, DIGIT_FORMS

COLUMN = 1
NO_NAMES = Names(100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
NO_TEXTS = Texts({}, 0, 0, 0, 0, 0)
NO_SMALL = Small(0, 0, 0, 0, 0, 0)
BIRTHS = Days(100, 100, 100, 0, 100, 1950, 1970, 1985)
COUNTER = Run("", 8, 40, 20_000_000, 20_004_000, 0, 40)


def kinds(name="x", forms=None, **counts) -> dict[str, int]:
    empty = {
        field: {} for field in ("texts", "codes", "runs", "days", "names", "small")
    }
    given = {field: {COLUMN: value} for field, value in counts.items()}
    counted = Counted(forms={COLUMN: forms or Forms(100)}, **{**empty, **given})
    return judging.kinds_in_cells(COLUMN, name, counted)


def digits(kind: str, found: int, tested: int) -> list[Code]:
    form = next(form for form in DIGIT_FORMS if form.kind == kind)
    return [Code(form, tested, found, found)]


@pytest.mark.parametrize(
    ("found", "tested", "is_more"),
    [
        (2, 2, True),  # both of two: one in 121 by chance
        (1, 1, False),  # one in eleven
        (1000, 11_000, False),
        (1200, 11_000, True),  # a tenth of the column is planted
        (0, 100, False),
    ],
)
def test_check_digits_count_where_chance_would_not_give_them(found, tested, is_more):
    assert chance.is_more_than_chance(found, tested, 1 / 11) is is_more


@pytest.mark.parametrize(("numbers", "is_refused"), [(98, False), (99, True)])
def test_so_many_numbers_without_a_broken_rule_are_no_chance(numbers, is_refused):
    kind = "social security number"
    found = kinds(forms=Forms(numbers), codes=digits(kind, numbers, numbers))

    assert (kind in found) is is_refused
    broken = kinds(forms=Forms(numbers), codes=digits(kind, numbers - 12, numbers))
    assert broken == {}


@pytest.mark.parametrize(("tested", "is_refused"), [(50, True), (51, False)])
def test_one_number_among_others_counts_where_half_are_of_another_form(
    tested, is_refused
):
    form = next(form for form in COMPACT_FORMS if form.kind == "UK postcode")
    found = int(tested * 0.52)
    codes = [Code(replace(form, chance=0.5), tested, found, found)]

    assert bool(kinds(codes=codes)) is is_refused


@pytest.mark.parametrize(
    ("highest", "is_close"), [(54_999_999, True), (55_000_001, False)]
)
def test_numbers_are_close_that_fill_less_than_half_of_what_their_length_allows(
    highest, is_close
):
    assert chance.are_close(1000, 10_000_000, highest, 8) is is_close


@pytest.mark.parametrize(("different", "is_close"), [(7, False), (10, True)])
def test_few_numbers_can_be_close_by_chance(different, is_close):
    assert chance.are_close(different, 10_000_000, 25_000_000, 8) is is_close


def test_random_numbers_of_32_bits_are_not_close():
    assert not chance.are_close(1000, 1_000_500_000, 2_147_000_000, 10)
    assert chance.are_close(1000, 2_000_500_000, 2_147_000_000, 10)


@pytest.mark.parametrize(("snomed", "is_refused"), [(35, True), (36, False)])
def test_nine_in_ten_concepts_make_a_column_of_snomed_codes(snomed, is_refused):
    runs = [replace(COUNTER, snomed=snomed)]

    assert bool(kinds(forms=Forms(40), runs=runs)) is is_refused


@pytest.mark.parametrize(("different", "is_refused"), [(159, True), (161, False)])
def test_numbers_of_a_record_are_a_quarter_of_a_column_at_least(different, is_refused):
    assert bool(kinds(forms=Forms(different), runs=[COUNTER])) is is_refused


@pytest.mark.parametrize(("words", "is_refused"), [(50, True), (49, False)])
def test_a_long_number_is_strange_where_half_are_words(words, is_refused):
    run = replace(COUNTER, different=1, highest=COUNTER.lowest)

    assert bool(kinds(forms=Forms(100, words=words), runs=[run])) is is_refused


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({}, True),
        ({"late_year": 1970}, True),
        ({"late_year": 1969}, False),  # they span less than twenty years
        ({"old": 50}, True),
        ({"old": 49}, False),  # most are not of grown people
        ({"different": 3, "old": 3}, True),
        ({"different": 2, "old": 2}, False),
    ],
)
def test_dates_are_births_that_are_old_and_span_decades(changes, is_refused):
    days = replace(BIRTHS, **changes)

    assert bool(kinds(forms=Forms(days.different), days=days)) is is_refused


@pytest.mark.parametrize(("days", "is_refused"), [(50, True), (51, False)])
def test_an_old_date_is_strange_where_half_are_no_dates(days, is_refused):
    one_old = Days(days, 1, 1, 0, days, 2020, 2022, 2024)

    assert bool(kinds(forms=Forms(100), days=one_old)) is is_refused


@pytest.mark.parametrize(("words", "is_refused"), [(50, True), (49, False)])
def test_eight_digits_are_an_old_date_among_words_only(words, is_refused):
    one_old = Days(1, 1, 0, 1, 1, 1957, 1957, 1957)

    assert bool(kinds(forms=Forms(100, words=words), days=one_old)) is is_refused


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({"sure": 1, "sure_records": 1}, True),
        ({"likely": 1, "likely_records": 1}, True),
        ({"shaped": 51, "shaped_records": 51}, True),
        ({"shaped": 50, "shaped_records": 50}, False),  # half, not most
        ({"single": 4, "common": 21, "single_records": 25}, True),
        ({"single": 3, "common": 22, "single_records": 25}, False),
        ({"single": 4, "common": 20, "single_records": 24}, False),
        ({"single": 1, "single_given": 1, "single_records": 1}, True),
        ({"different": 101, "single": 1, "single_given": 1}, False),
    ],
)
def test_words_are_names_where_enough_of_them_are_known(changes, is_refused):
    names = replace(NO_NAMES, **changes)

    assert bool(kinds(forms=Forms(names.different), names=names)) is is_refused


@pytest.mark.parametrize(("shaped", "is_refused"), [(30, True), (29, False)])
def test_many_texts_shaped_like_names_need_no_known_name(shaped, is_refused):
    names = replace(NO_NAMES, shaped=shaped, shaped_records=shaped)

    assert bool(kinds(forms=Forms(40), names=names)) is is_refused


@pytest.mark.parametrize(("shaped", "count"), [(9, 9), (10, 1)])
def test_texts_shaped_like_names_are_counted_where_a_tenth_is_known(shaped, count):
    names = replace(
        NO_NAMES, sure=1, sure_records=1, shaped=shaped, shaped_records=shaped
    )

    assert kinds(names=names) == {"name": count}


@pytest.mark.parametrize(
    ("sure", "different", "is_refused"),
    [(51, 100, True), (50, 100, False), (4, 4, True), (3, 3, False)],
)
def test_a_column_of_sites_is_of_people_where_most_are(sure, different, is_refused):
    names = replace(NO_NAMES, sure=sure, sure_records=sure)
    found = kinds("site_name", forms=Forms(different), names=names)

    assert bool(found) is is_refused


@pytest.mark.parametrize(
    ("phrases", "records", "different", "is_refused"),
    [
        (20, 39, 39, True),
        (19, 37, 37, False),
        (20, 40, 39, False),  # each stands twice: labels of codes
        (20, 39, 40, False),  # half of the column, not most
    ],
)
def test_long_phrases_that_hardly_repeat_are_free_text(
    phrases, records, different, is_refused
):
    texts = replace(NO_TEXTS, phrases=phrases, phrase_records=records)

    assert bool(kinds(forms=Forms(different), texts=texts)) is is_refused


@pytest.mark.parametrize(("checked", "kind"), [(6, "NHS number"), (5, "phone")])
def test_ten_digits_in_groups_are_nhs_numbers_where_most_have_the_check_digit(
    checked, kind
):
    texts = Texts({"phone": 10}, 10, checked, 10, 0, 0)

    assert list(kinds(texts=texts)) == [kind]


@pytest.mark.parametrize(
    ("two_letters", "districts", "is_refused"),
    [(12, 60, True), (11, 60, False), (12, 50, False), (3, 51, False)],
)
def test_codes_are_postcode_districts_where_enough_have_two_letters(
    two_letters, districts, is_refused
):
    small = replace(
        NO_SMALL,
        districts=districts,
        two_letter_districts=two_letters,
        district_records=districts,
    )

    assert bool(kinds(small=small)) is is_refused


@pytest.mark.parametrize(("words", "is_refused"), [(50, True), (49, False)])
def test_five_digits_are_a_zip_code_where_half_are_words(words, is_refused):
    small = replace(NO_SMALL, zips=1, zip_records=1)

    assert bool(kinds(forms=Forms(100, words=words), small=small)) is is_refused
    assert kinds("region", forms=Forms(100), small=small) == {"ZIP code": 1}
