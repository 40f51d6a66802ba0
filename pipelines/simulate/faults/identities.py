"""Faults that show who somebody is."""

import polars as pl

from pipelines.simulate.faults.broken import Broken, as_one, on_rows, some

NOT_DEIDENTIFIED = "does not look de-identified"


def _letters(count: int) -> list[str]:
    """Return as many different capitalised words."""
    return [
        chr(65 + n % 26) + chr(97 + n // 26 % 26) + chr(97 + n % 7)
        for n in range(count)
    ]


IDENTITY_FAULTS = (
    Broken(
        "e_mail_in_a_code",
        "patients",
        "An e-mail address in the payer's column.",
        on_rows("patients", some("payer", "a.person@example.org")),
        f"{NOT_DEIDENTIFIED}|e-mail",
    ),
    Broken(
        "phone",
        "patients",
        "A phone number in the region's column.",
        on_rows("patients", some("region", "(555) 010-0199")),
        f"{NOT_DEIDENTIFIED}|phone",
    ),
    Broken(
        "free_text",
        "patients",
        "Somebody's words in the ethnic group's column.",
        on_rows(
            "patients",
            some(
                "ethnicity",
                "said that she sleeps better since her sister came to live with them again",
            ),
        ),
        f"{NOT_DEIDENTIFIED}|free text",
    ),
    Broken(
        "uk_postcode",
        "patients",
        "A postcode in the region's column.",
        on_rows("patients", some("region", "ZZ99 3VZ")),
        f"{NOT_DEIDENTIFIED}|UK postcode",
    ),
    Broken(
        "five_digit_postcode",
        "patients",
        "Five digits of a postcode in the region's column.",
        on_rows("patients", as_one("region", "99950")),
        f"{NOT_DEIDENTIFIED}|ZIP code",
    ),
    Broken(
        "postcode_column",
        "patients",
        "A column `zip5`.",
        on_rows("patients", as_one("zip5", "99950")),
        f"{NOT_DEIDENTIFIED}|ZIP code",
    ),
    Broken(
        "date_of_birth_column",
        "patients",
        "A column `date_of_birth`.",
        on_rows("patients", as_one("date_of_birth", "1980-01-01")),
        f"{NOT_DEIDENTIFIED}|birth date",
    ),
    Broken(
        "names_as_pseudonyms",
        "clinicians",
        "Clinicians' names in the column of their credentials.",
        on_rows(
            "clinicians",
            lambda frame: frame.with_columns(
                pl.format("Alex {}son", pl.Series(_letters(frame.height))).alias(
                    "credential"
                )
            ),
        ),
        f"{NOT_DEIDENTIFIED}|name",
    ),
    Broken(
        "social_security_number",
        "patients",
        "A number in the form of a US social security number.",
        on_rows("patients", some("payer", "000-00-0000")),
        f"{NOT_DEIDENTIFIED}|social security number",
    ),
    Broken(
        "long_key",
        "diagnoses",
        "A key of 80 characters.",
        on_rows(
            "diagnoses",
            lambda frame: frame.with_columns(
                pl.col("diagnosis_id").str.pad_end(80, "x")
            ),
        ),
        f"{NOT_DEIDENTIFIED}|free text",
    ),
)
