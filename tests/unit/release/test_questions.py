import pytest

from pipelines.release.questions import _absence

NAMES = {"isi": "Insomnia Severity Index", "pss10": "Perceived Stress Scale"}


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (["sessions"], "No source sends the sessions feed."),
        (
            ["sessions", "clinicians"],
            "No source sends the sessions and clinicians feeds.",
        ),
        (
            ["sessions", "instrument.isi|instrument.pss10"],
            "No source sends the sessions feed, nor scores on the Insomnia Severity "
            "Index or Perceived Stress Scale.",
        ),
        (
            ["instrument.isi"],
            "No source sends scores on the Insomnia Severity Index.",
        ),
    ],
)
def test_what_is_missing_is_said_in_words(missing, sentence):
    assert _absence(missing, NAMES) == sentence
