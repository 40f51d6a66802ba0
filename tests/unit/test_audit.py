"""The record of what was done, and what a killed process leaves of it."""

import json

from pipelines import audit
from pipelines.checks import results


def test_a_line_is_appended_once(home):
    first, other = audit.line_of("loaded", load_id="a"), audit.line_of("loaded")
    for line in (first, first, other):
        audit.append_once(home, line)

    lines = home.audit_file.read_text().splitlines()
    assert [json.loads(line).get("load_id") for line in lines] == ["a", None]


def test_half_a_line_of_check_results_is_cut_off(tmp_path):
    path = tmp_path / "run.jsonl"
    for text, left in (("", ""), ("{}\n", "{}\n"), ("{}\n{", "{}\n"), ("{", "")):
        path.write_text(text)
        results.mend(path)
        assert path.read_text() == left
