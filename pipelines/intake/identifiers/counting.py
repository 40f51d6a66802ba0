"""Count in each place how many values look like what."""

from collections import defaultdict
from dataclasses import replace

import duckdb

from pipelines.intake.identifiers import numbers, texts
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
from pipelines.intake.identifiers.forms import LONGEST_TEXT
from pipelines.intake.identifiers.values import PASSED_OVER, VALUES
from pipelines.intake.identifiers.words import judged_texts
from pipelines.sql import quoted

ADULT_YEARS = 18
"""Years back from which a date can be the birth of a grown person."""

OLDEST_YEARS = 120
"""Years back beyond which nobody alive was born; system dates such as 1900 lie there."""

LONG_RUN = 8
"""Digits from which a number can be a record's."""


def count(con: duckdb.DuckDBPyConnection, latest_year: int) -> Counted:
    """Run every test over the values gathered from one file.

    Args:
        con: Holds the tables of values and of words.
        latest_year: Year of the delivery; births lie well before it.
    """
    passed_over = _passed_over(con)
    return Counted(
        forms=_forms(con, passed_over),
        texts=_texts(con),
        codes=_codes(con, passed_over),
        runs=_runs(con, latest_year),
        days=_by_place(con, _days(latest_year), Days),
        names=_by_place(con, _NAMES, Names),
        small=_by_place(con, _SMALL, Small),
    )


def _by_place(con: duckdb.DuckDBPyConnection, query: str, kind: type) -> dict:
    return {place: kind(*rest) for place, *rest in con.execute(query).fetchall()}


_FORMS = f"""
    select place, count(*), count(*) filter (form = 'words'),
        count(*) filter (form = 'digits'),
        count(*) filter (day is not null)
    from {VALUES} group by place"""


def _passed_over(con: duckdb.DuckDBPyConnection) -> dict[tuple[int, int], int]:
    """Return how many different values were passed over, by place and length."""
    rows = con.execute(
        f"select place, text_length, different from {PASSED_OVER}"
    ).fetchall()
    return {(place, length): different for place, length, different in rows}


def _forms(
    con: duckdb.DuckDBPyConnection, passed_over: dict[tuple[int, int], int]
) -> dict[int, Forms]:
    found = _by_place(con, _FORMS, Forms)
    for (place, _), different in passed_over.items():
        forms = found.get(place, Forms())
        found[place] = replace(forms, different=forms.different + different)
    return found


def _texts(con: duckdb.DuckDBPyConnection) -> dict[int, Texts]:
    hits = texts.hits("text")
    counted = ", ".join(
        f"coalesce(sum(records_count) filter ({hit}), 0)" for hit in hits.values()
    )
    check = numbers.has_nhs_check_digit("spaced")
    phrase = texts.has_words("text", texts.MANY_WORDS)
    rows = con.execute(f"""
        with likely as (
            select *, {texts.spaced_number("text")} as spaced
            from {VALUES}
            where form in ('text', 'words')
                and regexp_matches(text, {quoted(texts.WORTH_LOOKING)})
        )
        select place, count(spaced), count(*) filter (spaced > 0 and {check}),
            coalesce(sum(records_count) filter (spaced is not null), 0),
            count(*) filter ({phrase}),
            coalesce(sum(records_count) filter ({phrase}), 0),
            {counted}
        from likely group by place""").fetchall()
    long = dict(
        con.execute(
            f"select place, sum(records_count) from {VALUES} "
            f"where length(text) > {LONGEST_TEXT} group by place"
        ).fetchall()
    )
    found = {}
    for place, spaced, checked, records, phrases, phrase_records, *counts in rows:
        kinds = {kind: n for kind, n in zip(hits, counts, strict=True) if n}
        found[place] = Texts(kinds, spaced, checked, records, phrases, phrase_records)
    for place, records in long.items():
        seen = found.setdefault(place, Texts({}, 0, 0, 0, 0, 0))
        seen.kinds["free text"] = max(records, seen.kinds.get("free text", 0))
    return found


def _codes(
    con: duckdb.DuckDBPyConnection, passed_over: dict[tuple[int, int], int]
) -> dict[int, list[Code]]:
    """What was passed over is compact: it was tested, and found to be nothing."""
    found = defaultdict(list)
    for form, known in (
        ("digits", numbers.DIGIT_FORMS),
        ("compact", numbers.COMPACT_FORMS),
    ):
        longest = max(max(item.lengths) for item in known)
        counted = ", ".join(
            f"count(*) filter (fits_{n}), coalesce(sum(records_count) filter (fits_{n}), 0)"
            for n in range(len(known))
        )
        fits = ", ".join(
            f"case when length(text) in {(*item.lengths, 0)} then {item.condition} "
            f"end as fits_{n}"
            for n, item in enumerate(known)
        )
        rows = con.execute(f"""
            with wholes as (
                select place, text, records_count, try_cast(text as ubigint) as whole
                from {VALUES} where form = '{form}' and length(text) <= {longest}
            ),
            tried as (
                select place, length(text) as text_length, records_count, {fits}
                from wholes
            )
            select place, text_length, count(*), {counted} from tried
            group by place, text_length""").fetchall()
        for place, length, tested, *counts in rows:
            if form == "compact":
                tested += passed_over.get((place, length), 0)
            found[place] += [
                Code(item, tested, counts[2 * n], counts[2 * n + 1])
                for n, item in enumerate(known)
                if length in item.lengths and counts[2 * n]
            ]
    return found


def _runs(con: duckdb.DuckDBPyConnection, latest_year: int) -> dict[int, list[Run]]:
    """Numbers too long for 64 bits are no counters; days of eight digits are days."""
    parts = quoted("^([A-Za-z]{0,5})[-_ ]?([0-9]+)$")
    rows = con.execute(f"""
        with split as (
            select place, text, records_count,
                case when form = 'digits' then '' else
                    upper(regexp_extract(text, {parts}, 1)) end as prefix,
                case when form = 'digits' then text else
                    regexp_extract(text, {parts}, 2) end as run
            from {VALUES}
            where form in ('digits', 'compact', 'text')
                and length(text) between {LONG_RUN} and 24
        )
        select place, prefix, length(run), count(*), min(run::ubigint), max(run::ubigint),
            count(*) filter ({numbers.SNOMED}), sum(records_count)
        from split
        where length(run) between {LONG_RUN} and 18
            and (left(run, 4) not between '1900' and '{latest_year + 1}'
                or try_strptime(left(run, 8), '%Y%m%d') is null)
        group by all""").fetchall()
    found = defaultdict(list)
    for place, *rest in rows:
        found[place].append(Run(*rest))
    return found


def _days(latest_year: int) -> str:
    """Two figures for a year are of this century or, where that is to come, the last."""
    grown = f"between {latest_year - OLDEST_YEARS} and {latest_year - ADULT_YEARS}"
    return f"""
        with dated as (
            select place, records_count, form, case
                when form = 'digits' then year(try_strptime(text, '%Y%m%d'))
                when year(day) > {latest_year + 1}
                    and not regexp_matches(text, '\\d{{4}}') then year(day) - 100
                else year(day) end as years
            from {VALUES}
            where day is not null or (form = 'digits' and length(text) = 8
                and left(text, 4) between '1900' and '{latest_year + 1}')
        )
        select place, count(*), count(*) filter (years {grown}),
            coalesce(sum(records_count) filter (
                years {grown} and form = 'day'), 0),
            coalesce(sum(records_count) filter (
                years {grown} and form = 'digits'), 0),
            sum(records_count),
            quantile_cont(years, 0.1), median(years), quantile_cont(years, 0.9)
        from dated where years is not null group by place"""


_NAMES = f"""
    with judged as ({judged_texts(VALUES)})
    select place, count(*),
        count(*) filter (is_sure),
        coalesce(sum(records_count) filter (is_sure), 0),
        count(*) filter (is_likely),
        coalesce(sum(records_count) filter (is_likely or is_sure), 0),
        count(*) filter (is_shaped),
        coalesce(sum(records_count) filter (is_shaped), 0),
        count(*) filter (is_single),
        count(*) filter (is_single_given and regexp_matches(text, '^\\p{{Lu}}')),
        coalesce(sum(records_count) filter (is_single or is_common), 0),
        count(*) filter (is_common)
    from judged group by place"""

_SMALL = f"""
    select place,
        count(*) filter (form = 'digits' and length(text) = 5
            and text not in {numbers.NO_ZIP}),
        coalesce(sum(records_count) filter (form = 'digits' and length(text) = 5
            and text not in {numbers.NO_ZIP}), 0),
        count(*) filter (is_short and {numbers.POSTCODE_DISTRICT}),
        count(*) filter (is_short and {numbers.TWO_LETTER_DISTRICT}),
        coalesce(sum(records_count) filter (
            is_short and {numbers.POSTCODE_DISTRICT}), 0),
        coalesce(sum(records_count) filter (
            text[1] in ('1', '9') and form <> 'day' and regexp_matches(text,
            '(?i)^(9[0-9]|1[0-2][0-9])(\\.[0-9]+)?( ?(y|yrs?|years?|ans|jahre)( old)?)?$'
            '|^(9[0-9]|1[0-2][0-9]) ?(-|to) ?[0-9]+')), 0)
    from (
        select *, form = 'compact' and length(text) <= 4 as is_short from {VALUES}
    )
    where length(text) <= 16 group by place"""
