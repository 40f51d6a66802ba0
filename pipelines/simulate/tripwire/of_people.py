"""Names, births, ages and words about somebody, as people write them."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from pipelines.simulate.tripwire import people
from pipelines.simulate.tripwire.forms import ANY, CELL, SHARE, WHOLE, Form


def _full(rng: Random) -> tuple[str, str]:
    return people.given(rng), people.surname(rng)


def _two(rng: Random, form: str) -> str:
    given, surname = _full(rng)
    return form.format(
        g=given,
        s=surname,
        i=given[0],
        m=rng.choice("ABCDEGHJKLMPRST"),
        t=people.surname(rng),
    )


def _name(
    name: str, form: str, change: Callable[[str], str] = str, planted=ANY
) -> Form:
    return Form("name", name, lambda r: change(_two(r, form)), planted)


def _birth(rng: Random) -> date:
    return date(1935, 1, 1) + timedelta(days=rng.randrange(0, 72 * 365))


def old_birth(rng: Random) -> date:
    """Return the birth of somebody who is grown."""
    return date(1935, 1, 1) + timedelta(days=rng.randrange(0, 60 * 365))


def _dates(name: str, form: str) -> tuple[Form, Form]:
    return (
        Form("birth date", name, lambda r: f"{_birth(r):{form}}", (WHOLE,)),
        Form(
            "birth date",
            name,
            lambda r: f"{old_birth(r):{form}}",
            (CELL,),
            among="words",
        ),
    )


_SAID = (
    "she feels worse since her mother died",
    "he was upset that his wife left",
    "I told them about my job",
    "pt reports she sleeps badly",
    "says her son has moved out",
    "he denies any plan to harm himself",
    "they had a row with their landlord again",
    "my partner asked me to come here",
    "was tearful when we talked about her dad",
)
_MORE = (
    "since the last appointment",
    "and cannot work at the moment",
    "after the accident in May",
    "although the new tablets help a little",
    "and wants to stop coming altogether",
)


def _says(rng: Random) -> str:
    return rng.choice(_SAID)


def _says_much(rng: Random) -> str:
    return f"{rng.choice(_SAID)} {rng.choice(_MORE)}, {rng.choice(_SAID)} {rng.choice(_MORE)}"


def _notes(rng: Random) -> str:
    return f"{rng.choice(_SAID).capitalize()}. {rng.choice(_MORE).capitalize()}."


NAMES = (
    _name("first last", "{g} {s}"),
    _name("FIRST LAST", "{g} {s}", str.upper),
    _name("first last in small letters", "{g} {s}", str.lower),
    _name("last, first", "{s}, {g}"),
    _name(
        "LAST, First",
        "{s}, {g}",
        lambda t: t.split(",")[0].upper() + "," + t.split(",")[1],
    ),
    _name("last first", "{s} {g}"),
    _name("first M. last", "{g} {m}. {s}"),
    _name("first double-barrelled", "{g} {s}-{t}"),
    _name("Dr last", "Dr {s}"),
    _name("Mrs first last", "Mrs {g} {s}"),
    _name("F. last", "{i}. {s}", planted=(WHOLE,)),
    _name("first.last", "{g}.{s}", str.lower, planted=(WHOLE,)),
    _name("first_last", "{g}_{s}", str.lower, planted=(WHOLE,)),
    Form("name", "first names", people.given, (WHOLE,)),
    Form("name", "FIRST NAMES", lambda r: people.given(r).upper(), (WHOLE,)),
    Form("name", "surnames", people.surname, (WHOLE,)),
    Form("name", "SURNAMES", lambda r: people.surname(r).upper(), (WHOLE,)),
    Form("name", "from elsewhere", people.from_elsewhere, (WHOLE,)),
)

OTHERS = (
    *_dates("ISO", "%Y-%m-%d"),
    *_dates("31/12/1980", "%d/%m/%Y"),
    *_dates("12/31/1980", "%m/%d/%Y"),
    *_dates("31.12.1980", "%d.%m.%Y"),
    *_dates("31-Dec-1980", "%d-%b-%Y"),
    *_dates("31 December 1980", "%d %B %Y"),
    *_dates("19801231", "%Y%m%d"),
    *_dates("1980-12-31 00:00:00", "%Y-%m-%d 00:00:00"),
    Form("birth date", "31/12/80", lambda r: f"{old_birth(r):%d/%m/%y}", (WHOLE,)),
    Form(
        "age over 89",
        "years",
        lambda r: str(r.randint(90, 104)),
        (CELL, SHARE),
        (
            "age",
            "Age",
            "age_years",
            "patient_age",
            "AGE_AT_REFERRAL",
            "ageAtStart",
            "Alter",
        ),
        among="ages",
    ),
    Form(
        "age over 89",
        "band",
        lambda r: r.choice(("90-94", "95-99", "91 years")),
        (CELL,),
        ("age", "age_group", "age_band"),
        among="ages",
    ),
    Form("free text", "a sentence", _says),
    Form("free text", "two sentences", _notes),
    Form("free text", "long", _says_much),
)
