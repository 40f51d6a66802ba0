"""Names of people in texts: the lists, and SQL that counts what looks like one.

The lists hold the more frequent names of the 1990 US Census (public domain: 800 first
names of men, 2,000 of women, 3,000 surnames) and about 350 names frequent in the UK and
elsewhere, written by us. What they do not hold is found by its neighbours only.
"""

from functools import lru_cache
from importlib import resources

import duckdb

WORDS_TABLE = "tripwire_words"

TITLES = ("dr", "mr", "mrs", "ms", "miss", "prof", "sir", "herr", "frau", "mme", "sra")
"""A word after one of these is a surname."""

SUFFIXES = ("jr", "sr", "ii", "iii", "mba", "md", "phd")

MOST_WORDS = 5
"""Words of a name; more are a title of something else."""

SHAPE = (
    r"\p{Lu}[\p{L}'’-]*\.?([ ,]{1,2}\p{Lu}[\p{L}'’-]*\.?){1,3}"
    r"|\p{Lu}[\p{L}'’-]+[ ,]{1,2}((de|van|der|von|la|di|del|da|bin|al|el) ){1,2}\p{Lu}[\p{L}'’-]+"
)
"""Two to four words with capitals: names, and much else."""


@lru_cache
def _table() -> str:
    """Return one line per word: is it a first name, a surname, weak, plain."""
    known = {}
    for line in _read("names.csv")[1:]:
        name, given, surname, weak = line.split(",")
        known[name] = [given, surname, weak, "0"]
    for word in _words("places.txt"):
        known.setdefault(word, ["0", "0", "0", "1"])[2] = "1"
    for word in _words("plain_words.txt"):
        known[word] = ["0", "0", "0", "1"]
    return "\n".join(",".join([word, *flags]) for word, flags in known.items())


def _read(name: str) -> list[str]:
    path = resources.files("pipelines.intake.identifiers") / name
    return path.read_text(encoding="utf-8").splitlines()


def _words(name: str) -> set[str]:
    lines = (line for line in _read(name) if not line.startswith("#"))
    return {word for line in lines for word in line.split()}


def make_table(con: duckdb.DuckDBPyConnection) -> None:
    """Put the lists where the queries can join them."""
    con.execute(
        f"create or replace temp table {WORDS_TABLE} as select flags[1] as word, "
        "flags[2]::int as is_given, flags[3]::int as is_surname, "
        "flags[4]::int as is_weak, flags[5]::int as is_plain "
        "from (select string_split(unnest(string_split(?, '\n')), ',') as flags)",
        [_table()],
    )


def judged_texts(values: str) -> str:
    """Return SQL with one row per text of form `words`, and what it looks like.

    Args:
        values: Table of `place`, `text`, `form` and `records_count`.

    Returns:
        A query: place, text, records_count, and the booleans is_sure (first name and
        known others), is_likely (a known name and an unknown word, with capitals),
        is_shaped (capitals, and no word that names do not hold), is_single (one known
        name), is_common (one word that is a name too), is_one_word.
    """
    return f"""
    with parts as (
        select place, text, records_count,
            unnest(list_filter(regexp_split_to_array(
                lower(strip_accents(text)), '[ ,._]+|-'
            ), lambda x: x <> '')) as part
        from {values}
        where form = 'words' and strlen(text) between 2 and {LONGEST_NAME}
    ),
    known as (
        select parts.place, parts.text, parts.records_count,
            regexp_replace(parts.part, '[''’]s?$', '') as part,
            coalesce(words.is_given, 0) as is_given,
            coalesce(words.is_surname, 0) as is_surname,
            coalesce(words.is_weak, 0) as is_weak,
            coalesce(words.is_plain, 0) as is_plain
        from parts left join {WORDS_TABLE} as words
            on regexp_replace(parts.part, '[''’]s?$', '') = words.word
        where part not in {SUFFIXES}
    ),
    counted as (
        select place, text, any_value(records_count) as records_count,
            count(*) as words_count,
            count(*) filter (length(part) = 1) as initials,
            count(*) filter (part in {TITLES}) as titles,
            count(*) filter (is_plain = 1) as plain,
            count(*) filter (is_given = 1 and length(part) > 1) as given,
            count(*) filter (is_given + is_surname > 0 and length(part) > 1) as known,
            count(*) filter (
                is_given + is_surname > 0 and is_weak = 0 and length(part) > 2
            ) as strong,
        from known group by place, text
    )
    select place, text, records_count, words_count = 1 as is_one_word,
        plain = 0 and words_count between 2 and {MOST_WORDS} and (
            (strong > 0 and given > 0 and known >= 2 and known + initials = words_count)
            or (strong > 0 and initials > 0 and known + initials = words_count)
            or (titles = 1 and words_count > titles + initials
                and regexp_matches(text, '(?i)^({"|".join(TITLES)})[ .]'))
        ) as is_sure,
        regexp_full_match(text, '{SHAPE.replace("'", "''")}') as has_shape,
        has_shape and plain = 0 and strong > 0 and words_count >= 2 as is_likely,
        has_shape and plain = 0 and words_count >= 2 as is_shaped,
        words_count = 1 and plain = 0 and strong = 1
            and strlen(text) >= {SHORTEST_ALONE} as is_single,
        is_single and given = 1 as is_single_given,
        words_count = 1 and plain = 0 and known = 1 as is_common
    from counted"""


SHORTEST_ALONE = 4
"""Letters of a name that stands alone; shorter ones are codes as often."""

LONGEST_NAME = 60
"""Bytes."""
