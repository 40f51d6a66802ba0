"""Judge what was counted in one place: which kinds of identifier, and how many records."""

from pipelines.intake.identifiers import labels
from pipelines.intake.identifiers.chance import MOST, are_close, is_more_than_chance
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

BIRTHS_SPAN_YEARS = 20
"""Between a column's earlier and later dates (10th and 90th percentile): people of one
service differ more in age, its sessions lie closer together."""

BIRTHS_MIDDLE_YEARS = 18
"""The middle date lies at least so long before the delivery: patients are grown."""

FEWEST_BIRTHS = 3
"""Different dates below which a span says nothing."""

KNOWN_SHARE = 0.1
"""Share (0-1) of texts shaped like names of which a word must be in the lists; names
from anywhere have more, titles of services less."""

MANY_SHAPED = 30
"""Different texts shaped like names, without a word that names do not hold, that need
no known name among them."""

ONE_WORD_SHARE = 0.25
"""Share (0-1) of a column's different words that must be known first names or surnames;
the lists hold about half of all surnames."""

FEWEST_ONE_WORD = 4
"""Different known names that such a column needs."""

STRAY_SHARE = 0.01
"""Share (0-1) of different words from which one first name counts: random letters have
less."""

PHRASES = 20
"""Different long phrases that make a column of free text; a list of codes has fewer."""

PHRASE_REPEATS = 2
"""Records a phrase stands in, on average, below which it is no code's label."""

SNOMED_SHARE = 0.9
"""Share (0-1) of long numbers with SNOMED's partition; of random ones one in fifty."""

TWO_LETTER_SHARE = 0.2
"""Share (0-1) of postcode districts with two letters; codes of ICD-10 have none."""


def kinds_in_cells(place: int, name: str, counted: Counted) -> dict[str, int]:
    """Return the kinds a column's cells look like, each with its records.

    Args:
        place: The column's position.
        name: The column's name, which decides what five digits mean.
        counted: What was counted in the file.
    """
    words = labels.label(name)
    forms = counted.forms.get(place, Forms())
    kinds = _in_texts(counted.texts.get(place), forms)
    kinds |= _in_codes(counted.codes.get(place, []), forms)
    for found in (
        _record_numbers(counted.runs.get(place, []), forms, words, bool(kinds)),
        _births(counted.days.get(place), forms),
        _names(counted.names.get(place), forms, words),
        _small(counted.small.get(place), forms, words),
    ):
        for kind, count in found.items():
            kinds.setdefault(kind, count)
    return kinds


def kinds_in_name(place: int, counted: Counted) -> dict[str, int]:
    """Return the kinds that a header or a file's name is a value of."""
    texts, days = counted.texts.get(place), counted.days.get(place)
    names = counted.names.get(place)
    kinds = dict(texts.kinds) if texts else {}
    kinds.pop("free text", None)  # a questionnaire's wording as a header
    if texts and texts.spaced_checked:
        kinds.pop("phone", None)
        kinds["NHS number"] = 1
    for code in counted.codes.get(place, []):
        if code.form.is_told_alone and not set(kinds):
            kinds[code.form.kind] = 1
    if names and names.sure:
        kinds["name"] = 1
    if days and days.old:
        kinds["birth date"] = 1
    return {kind: 1 for kind in kinds}


def _in_texts(texts: Texts | None, forms: Forms) -> dict[str, int]:
    if not texts:
        return {}
    kinds = dict(texts.kinds)
    if texts.spaced_checked > MOST * texts.spaced:
        kinds["NHS number"] = texts.spaced_records
    others = kinds.get("NHS number", 0) + kinds.get("social security number", 0)
    if kinds.get("phone", 0) <= others:  # digits in groups: the narrower form names it
        kinds.pop("phone", None)
    is_varied = texts.phrase_records < PHRASE_REPEATS * texts.phrases
    if (
        texts.phrases >= PHRASES
        and is_varied
        and texts.phrases > MOST * forms.different
    ):
        kinds.setdefault("free text", texts.phrase_records)
    return kinds


def _in_codes(codes: list[Code], forms: Forms) -> dict[str, int]:
    kinds: dict[str, int] = {}
    passed = [code for code in codes if _says_something(code, forms)]
    for code in passed:
        kinds.setdefault(code.form.kind, code.records_count)
    if "CHI number" in kinds:  # has the check digit of an NHS number too
        kinds.pop("NHS number", None)
    return kinds


def _says_something(code: Code, forms: Forms) -> bool:
    if is_more_than_chance(code.found, code.tested, code.form.chance):
        return True
    is_stray = code.tested <= MOST * forms.different
    return code.form.is_told_alone and is_stray and code.found > MOST * code.tested


def _record_numbers(
    runs: list[Run], forms: Forms, words: str, is_known: bool
) -> dict[str, int]:
    if labels.INSTANT.search(words) or labels.PLACE_OF_LIVING.search(words):
        return {}
    runs = [run for run in runs if run.snomed < SNOMED_SHARE * run.different]
    close = [
        run
        for run in runs
        if run.different > MOST * forms.different / 2
        and are_close(run.different, run.lowest, run.highest, run.length)
    ]
    if close:
        return {"record number": sum(run.records_count for run in close)}
    stray = [run for run in runs if not run.prefix]
    if stray and not is_known and forms.words >= MOST * forms.different:
        return {"record number": sum(run.records_count for run in stray)}
    return {}


def _births(days: Days | None, forms: Forms) -> dict[str, int]:
    if not days:
        return {}
    if days.different <= MOST * forms.different:
        is_among_words = forms.words >= MOST * forms.different
        old = days.old_records + (days.old_digits if is_among_words else 0)
        return {"birth date": old} if old else {}
    is_old = days.old >= MOST * days.different
    is_wide = days.late_year - days.early_year >= BIRTHS_SPAN_YEARS
    if days.different >= FEWEST_BIRTHS and is_old and is_wide:
        return {"birth date": days.records_count}
    return {}


def _names(names: Names | None, forms: Forms, words: str) -> dict[str, int]:
    if not names:
        return {}
    most = MOST * forms.different
    known = names.sure + names.likely
    shares_known = known > KNOWN_SHARE * names.shaped
    if labels.ORGANISATION.search(words):
        is_people = names.sure > most and names.sure >= FEWEST_ONE_WORD
        return {"name": names.sure_records} if is_people else {}
    if names.sure or names.likely:
        shaped = names.shaped_records if shares_known else 0
        return {"name": max(names.sure_records, names.likely_records, shaped)}
    if names.shaped > most and names.shaped >= MANY_SHAPED:
        return {"name": names.shaped_records}
    one_word = names.single + names.common
    if (
        names.single >= FEWEST_ONE_WORD
        and one_word >= ONE_WORD_SHARE * names.different
        and names.different > most
    ):
        return {"name": names.single_records}
    if names.single_given and names.single_given >= STRAY_SHARE * names.different:
        return {"name": names.single_records}
    return {}


def _small(small: Small | None, forms: Forms, words: str) -> dict[str, int]:
    if not small:
        return {}
    kinds = {}
    is_place = bool(labels.PLACE_OF_LIVING.search(words))
    is_stray = small.zips and forms.words >= MOST * forms.different
    if small.zips and (is_place or is_stray):
        kinds["ZIP code"] = small.zip_records
    if small.districts > MOST * forms.different and small.two_letter_districts >= max(
        3, TWO_LETTER_SHARE * small.districts
    ):
        kinds["UK postcode"] = small.district_records
    is_age = labels.AGE.search(words) and not labels.NOT_YEARS.search(words)
    if is_age and small.old_ages:
        kinds["age over 89"] = small.old_ages
    return kinds
