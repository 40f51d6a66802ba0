"""National, insurance, clinicians' and record numbers, as people write them."""

from collections.abc import Callable
from random import Random

from pipelines.simulate.tripwire import numbers
from pipelines.simulate.tripwire.forms import ANY, CELL, WHOLE, Form, of


def _grouped(number: str, between: str) -> str:
    return between.join((number[:3], number[3:6], number[6:]))


def _counter(first: int, form: str) -> Callable[[Random], str]:
    return lambda rng: form.format(first + rng.randrange(0, 40_000))


NUMBERS = (
    Form("social security number", "078-05-1120", of(numbers.ssn, "{0}-{1}-{2}")),
    Form("social security number", "078 05 1120", of(numbers.ssn, "{0} {1} {2}")),
    Form(
        "social security number",
        "078051120",
        of(numbers.ssn, "{0}{1}{2}"),
        (WHOLE,),
        least_rows=150,
    ),
    Form("NHS number", "plain", numbers.nhs, ANY),
    Form("NHS number", "3-3-4", lambda r: _grouped(numbers.nhs(r), " ")),
    Form("NHS number", "dashes", lambda r: _grouped(numbers.nhs(r), "-")),
    Form(
        "NHS number", "in a text", lambda r: f"NHS no {_grouped(numbers.nhs(r), ' ')}"
    ),
    Form("CHI number", "plain", numbers.chi),
    Form("National Insurance number", "plain", of(numbers.nino, "{0}{1}{2}")),
    Form(
        "National Insurance number",
        "small letters",
        lambda r: "".join(numbers.nino(r)).lower(),
    ),
    Form(
        "National Insurance number",
        "spaced",
        lambda r: (lambda p, d, s: f"{p} {d[:2]} {d[2:4]} {d[4:]} {s}")(
            *numbers.nino(r)
        ),
    ),
    Form(
        "National Insurance number",
        "dashes",
        lambda r: (lambda p, d, s: f"{p}-{d[:2]}-{d[2:4]}-{d[4:]}-{s}")(
            *numbers.nino(r)
        ),
    ),
    Form("health plan number", "Medicare plain", numbers.mbi),
    Form(
        "health plan number",
        "Medicare dashes",
        lambda r: (lambda m: f"{m[:4]}-{m[4:7]}-{m[7:]}")(numbers.mbi(r)),
    ),
    Form("NPI", "plain", numbers.npi, (WHOLE,)),
    Form("record number", "counter of 8", _counter(20_410_000, "{}"), (WHOLE,)),
    Form(
        "record number", "common prefix of 10", _counter(4_400_310_000, "{}"), (WHOLE,)
    ),
    Form("record number", "zeros in front", _counter(310_000, "{:010}"), (WHOLE,)),
    Form("record number", "letter and counter", _counter(10_550_000, "H{}"), (WHOLE,)),
    Form("record number", "MRN1234567", lambda r: f"MRN{numbers.digits(r, 7)}"),
    Form("record number", "MRN-0012345", lambda r: f"MRN-{numbers.digits(r, 7)}"),
    Form("record number", "MRN: 123456", lambda r: f"MRN: {numbers.digits(r, 6)}"),
    Form("record number", "hospital no", lambda r: f"Hosp no {numbers.digits(r, 7)}"),
    Form(
        "record number",
        "8 digits among words",
        lambda r: numbers.digits(r, 8, "3456789"),
        (CELL,),
        among="words",
    ),
)
