"""What a column's name gives away, and what it does not."""

import pytest

from pipelines.intake.feeds import FEEDS
from pipelines.intake.identifiers.labels import label, told_by


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patientName", "patient_name"),
        ("Date of Birth", "date_of_birth"),
        ("ZIP5", "zip_5"),
        ("Prénom", "prenom"),
        ("fødselsdato", "fodselsdato"),
        ("imię", "imie"),
        ("  E-Mail ", "e_mail"),
    ],
)
def test_a_name_is_read_as_plain_words(name, words):
    assert label(name) == words


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RiO Number", "record number"),
        ("geb_datum", "birth date"),
        ("nombre_completo", "name"),
        ("nombre_sesiones", ""),
        ("email_address", "e-mail"),
        ("ip_address", "IP address"),
        ("mac_address", "vehicle or device"),
        ("address_line_1", "address"),
        ("ssn_hash", "social security number"),
        ("has_phone", ""),
        ("phone_type", ""),
        ("notes_count", ""),
        ("birth_year", ""),
        ("year_born", ""),
        ("geburtsjahr", ""),
        ("site_name", ""),
        ("nhs_region", ""),
        ("member_id", ""),
        ("zip3", ""),
        ("postcode_area", ""),
        ("dna_count", ""),
    ],
)
def test_a_name_tells_what_it_holds_and_not_what_it_is_about(name, kind):
    assert told_by(name) == kind


def test_no_column_of_the_contract_is_told():
    names = {column.name for feed in FEEDS.values() for column in feed.columns}

    assert {name for name in names if told_by(name)} == set()
    assert not any(told_by(name.replace("_on", "_day")) for name in names)
