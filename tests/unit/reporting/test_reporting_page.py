"""The whole page: what must be on it, and what must never be."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from pipelines.reporting.site import assets

TABLES = (
    "comparisons",
    "effects_by_comparison",
    "scores_by_arm_and_follow_up",
    "outcomes_by_arm_and_follow_up",
    "patient_flow_by_arm",
)
NO_COMPARISON = [f"delete from reports.rpt_{name}" for name in TABLES]
NOTHING_AT_ALL = [
    *NO_COMPARISON,
    *(
        f"delete from reports.rpt_{name}"
        for name in (
            *("sources", "questions", "data_quality_by_check", "instruments"),
            *("data_quality_by_stage", "not_measured", "reconciliation_by_feed"),
        )
    ),
]
HIDE_EVERYTHING = [
    "update reports.rpt_effects_by_comparison set exposed_count = null, "
    "comparator_count = null, exposed_observed_count = null, "
    "comparator_observed_count = null, exposed_level = null, comparator_level = null, "
    "estimate = null, estimate_low = null, estimate_high = null, p_value = null, "
    "is_withheld = false, withheld_reason = null, is_suppressed = true",
    "update reports.rpt_scores_by_arm_and_follow_up set people_count = null, "
    "observed_count = null, mean_points = null, mean_low = null, mean_high = null, "
    "is_suppressed = true",
    "update reports.rpt_outcomes_by_arm_and_follow_up set people_count = null, "
    "observed_count = null, response_eligible_count = null, response_count = null, "
    "remission_count = null, response_rate = null, remission_rate = null, "
    "is_suppressed = true",
    "update reports.rpt_patient_flow_by_arm set people_count = null, "
    "is_suppressed = true",
    "update reports.rpt_sources set patients_count = null",
]
WITHHOLD_EVERYTHING = [
    "update reports.rpt_effects_by_comparison set exposed_level = null, "
    "comparator_level = null, estimate = null, estimate_low = null, "
    "estimate_high = null, p_value = null, is_withheld = true, "
    "withheld_reason = 'Therapy: 9 people have this outcome, at least 20 are needed.'",
]
NOBODY_IS_SCORED = [
    *WITHHOLD_EVERYTHING,
    "update reports.rpt_scores_by_arm_and_follow_up set mean_points = null",
]
ONLY_A_DESCRIPTION_IS_SCORED = [
    *WITHHOLD_EVERYTHING,
    "update reports.rpt_scores_by_arm_and_follow_up set mean_points = null "
    "where comparison_id != 'trial_therapy_plus_medication_vs_therapy'",
]
SEVERAL = [
    "insert into reports.rpt_sources values ('northern_health', 'Northern', null, "
    "'default', date '2026-08-28', 5000, false)",
    "insert into reports.rpt_scores_by_arm_and_follow_up select * replace "
    "('gad7' as instrument) from reports.rpt_scores_by_arm_and_follow_up",
    "insert into reports.rpt_effects_by_comparison select * replace "
    "(replace(outcome_id, 'bdi_ii', 'gad7') as outcome_id, false as is_primary) "
    "from reports.rpt_effects_by_comparison",
    "insert into reports.rpt_reconciliation_by_feed select * replace "
    "('northern_health' as source) from reports.rpt_reconciliation_by_feed",
]


def own(html: str) -> str:
    """The page without its vendored scripts and fonts."""
    vega, interpreter, _ = assets.scripts()
    html = html.replace(vega, "").replace(interpreter, "")
    return html.replace(assets.font_faces(), "")


class Ids(HTMLParser):
    """Collects ids and what refers to them, and checks that elements close."""

    VOID = frozenset({"meta", "br", "use", "path", "circle"})

    def __init__(self, html):
        super().__init__()
        self.ids, self.references, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("aria-labelledby", "aria-controls", "aria-describedby"):
                self.references.append(value)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_same_input_gives_the_same_bytes(build_page):
    assert build_page() == build_page()


def test_only_the_passport_tells_the_time(build_page):
    one = build_page()
    other = build_page(built_at="2027-01-02T03:04:05Z", release_id="20270102T030405Z")

    assert "2 January 2027, 03:04 UTC" in other
    assert "2027" not in one


def test_nothing_on_the_page_points_to_another_place(trial_page):
    html = own(trial_page)

    assert not re.findall(r"https?:|//cdn|@import|<link|<iframe|<img|<base", html)
    ways = set(re.findall(r"""(?:src|href|action)=["']([^"'#]*)""", html))
    assert all(re.fullmatch(r"(quality/[a-z/]+\.html)?", way) for way in ways), ways
    assert all(u.startswith("data:") for u in re.findall(r"url\(([^)]*)", html))


def test_the_policy_lets_only_the_pages_own_scripts_run(trial_page):
    html = trial_page

    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[
        1
    ]
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-eval" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    assert len(scripts) == 3
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.findall(r"<[^>]*\son[a-z]+=", own(html))


def test_text_from_a_source_is_shown_as_text(build_page):
    nasty = "</script><img src=x onerror=alert(1)>\"&'{{7*7}}"
    quoted = nasty.replace("'", "''")
    html = build_page(
        f"update reports.rpt_sources set owner = '{quoted}', contact = '{quoted}'",
        f"update reports.rpt_comparisons set exposed_label = '{quoted}', "
        f"question = '{quoted}', caveats = '{quoted}'",
        f"update reports.rpt_questions set answer = '{quoted}'",
        f"update reports.rpt_effects_by_comparison set withheld_reason = '{quoted}' "
        "where is_withheld",
        f"update reports.rpt_instruments set name = '{quoted}'",
        f"update reports.rpt_not_measured set reason = '{quoted}'",
    )

    assert "<img" not in own(html)
    assert html.count("</script>") == 5
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "{{7*7}}" in html


def test_the_page_says_what_the_disclosure_profile_does(build_page):
    assert (
        "Figures of a published trial, already public: nothing is hidden."
        in build_page()
    )
    html = build_page(disclosure_profile="default")
    assert "nothing is hidden" not in html
    assert "Small groups are hidden" in html


@pytest.mark.parametrize("told_by", ["passport", "source"])
def test_simulated_data_are_labelled(build_page, told_by):
    label = "<strong>Simulated data.</strong>"
    assert label not in build_page()
    if told_by == "passport":
        assert label in build_page(is_simulated=True)
    else:
        assert label in build_page("update reports.rpt_sources set is_simulated = true")


def test_the_caveats_of_every_comparison_are_shown(trial_page):
    html = trial_page

    assert html.count("<li>Therapy here is computerised CBT: a programme") == 3
    assert "nobody was allocated to medication at random" in html
    assert "7f2e5cbd9304" in html


def test_the_headline_numbers_come_from_the_reports(trial_page):
    values = re.findall(r'<dd class="value">([^<]*)</dd>', trial_page)

    assert values == ["100", "52 of 100", "−2.3 points", "36% v 21%", "233 of 234"]


def test_a_hyphen_never_stands_for_a_minus(trial_page):
    html = re.sub(r'<script id="csv".*', "", own(trial_page), flags=re.DOTALL)
    html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", html)

    assert "−5.6 to 0.9" in text
    assert not re.findall(r"(?<![\w-])-\d", text.split('{"')[0])


def test_the_page_knows_when_it_is_late(build_page):
    html = build_page()
    assert 'data-due="2026-11-29"' in html
    assert "The next release was due on 29 November 2026" in html

    html = build_page(next_release_due=None)
    assert 'data-due=""' in html
    assert "No date is set for the next release." in html


def test_every_question_is_listed_with_its_status_in_order(trial_page):
    html = trial_page

    ids = re.findall(r'role="rowheader">(Q\d+)<', html)
    assert ids == ["Q1", "Q2", "Q3", "Q4", "Q5", "Q9", "Q15", "Q21"]
    for status in ("Answered", "Withheld", "Not measured", "Not answerable"):
        assert f"</svg>{status}</span>" in html


def test_a_feed_that_was_not_supplied_has_no_zeros(trial_page):
    row = re.search(
        r"<tr><th scope=\"row\">Sessions</th>.*?</tr>", trial_page, re.DOTALL
    )

    assert "not supplied" in row[0]
    assert "0" not in re.sub(r"<[^>]*>", "", row[0])


@pytest.mark.parametrize(
    ("spoiled", "expected", "absent"),
    [
        (NO_COMPARISON, ["No comparison was run"], ['id="flow_']),
        (NOTHING_AT_ALL, ["No source has been accepted"], ['id="flow_']),
        (
            HIDE_EVERYTHING,
            ["Too few people to show scores over time", ">Hidden<"],
            ["−2.3", "52 of 100"],
        ),
        (
            WITHHOLD_EVERYTHING,
            [">Withheld<", "3 comparisons were run: 0 shown and 3 withheld"],
            ["−2.3", "36 in 100"],
        ),
        (
            NOBODY_IS_SCORED,
            [
                "Outcomes of therapy for depression",
                "3 comparisons were run: 0 shown and 3 withheld",
            ],
            ['id="scores_', 'id="flow_', "People in the trial"],
        ),
        (
            ONLY_A_DESCRIPTION_IS_SCORED,
            ["Therapy and medication v therapy alone over 8 months"],
            ['id="scores_therapy_vs_usual_care', "People in the trial"],
        ),
        (
            SEVERAL,
            [
                "Beat the Blues and Northern Health",
                'id="forest_gad7"',
                "People in the records",
            ],
            [],
        ),
    ],
    ids=[
        "no_comparison",
        "nothing",
        "hidden",
        "withheld",
        "nobody_is_scored",
        "only_a_description_is_scored",
        "several",
    ],
)
def test_the_page_stands_when_things_are_missing(build_page, spoiled, expected, absent):
    html = build_page(*spoiled)

    for text in expected:
        assert text in html
    for text in absent:
        assert text not in own(html)
    parsed = Ids(re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL))
    assert len(parsed.ids) == len(set(parsed.ids))
    assert set(parsed.references) <= set(parsed.ids)
    assert parsed.open == []
    assert ">None<" not in html or spoiled in (NO_COMPARISON, NOTHING_AT_ALL)


def test_a_gap_in_the_charts_data_is_null_and_no_number_is_undefined(build_page):
    html = build_page(*HIDE_EVERYTHING)

    specs = re.search(r'<script id="specs"[^>]*>(.*?)</script>', html, re.DOTALL)[1]
    assert "NaN" not in specs
    assert "undefined" not in own(html).replace("undefined", "", 2)
