"""Where `outcomes simulate` writes: whole, only there, and clear about what is wrong."""

import errno

import pytest

from pipelines.simulate import making

SIZES = ["--patients", "40", "--years", "0.5", "--truth-patients", "0"]


def _fail(error: Exception):
    def fail(*_):
        raise error

    return fail


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_a_folder_beside_it_is_left_alone_whatever_its_name(
    simulate, tmp_path, monkeypatch, ends
):
    mine = tmp_path / ".service.partial" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    if ends == "badly":
        monkeypatch.setattr(making, "_write_readme", _fail(RuntimeError("made to")))
    done = simulate("--out", str(tmp_path / "service"), *SIZES)

    assert done.code == (0 if ends == "well" else 1), done.text
    assert mine.read_text() == "mine"
    others = {path.name for path in tmp_path.iterdir()} - {mine.parent.name}
    assert others == ({"service"} if ends == "well" else set())


def test_others_may_read_it_like_any_new_folder(simulate, tmp_path):
    (tmp_path / "any").mkdir()
    assert simulate("--out", str(tmp_path / "service"), *SIZES).code == 0

    made, usual = (tmp_path / name for name in ("service", "any"))
    assert made.stat().st_mode == usual.stat().st_mode


@pytest.mark.parametrize("command", [[], ["evidence"], ["faults"]])
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("file/sub", "part of it is a file"),
        ("file/sub/deeper", "part of it is a file"),
        ("x" * 300, "too long"),
        ("loop/sub", "loop"),
        ("~nobody_of_this_name/sub", "no path"),
        ("/proc/x", "cannot be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_the_users_to_mend(
    simulate, tmp_path, monkeypatch, command, place, reason
):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    done = simulate(*command, "--out", place, *([] if command else SIZES))

    assert done.code == 2, done.text
    assert reason in done.text
    assert "--out" in done.text
    assert "fault of ours" not in done.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_file_is_not_overwritten(simulate, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = simulate("--out", str(tmp_path / "mine.txt"), *SIZES)

    assert done.code == 2
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_full_disk_is_told_and_leaves_nothing(simulate, tmp_path, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(making, "_write_readme", _fail(full))
    done = simulate("--out", str(tmp_path / "service"), *SIZES)

    assert done.code == 2
    assert "no room left" in done.text
    assert not list(tmp_path.iterdir())


def test_a_file_of_ours_that_is_missing_is_not_the_users_fault(
    simulate, tmp_path, monkeypatch
):
    ours = FileNotFoundError(errno.ENOENT, "No such file", "parameters.toml")
    monkeypatch.setattr(making, "_write_readme", _fail(ours))
    done = simulate("--out", str(tmp_path / "service"), *SIZES)

    assert done.code == 1
    assert "fault of ours" in done.text
    assert not list(tmp_path.iterdir())


def test_somebody_else_filling_the_folder_meanwhile_loses_nothing(
    simulate, tmp_path, monkeypatch
):
    out = tmp_path / "service"

    def fill(*_):
        out.mkdir()
        (out / "mine.txt").write_text("mine")

    monkeypatch.setattr(making, "_write_readme", fill)
    done = simulate("--out", str(out), *SIZES)

    assert done.code == 2
    assert "cannot be written" in done.text
    assert [path.name for path in tmp_path.rglob("*")] == ["service", "mine.txt"]


def test_faults_needs_enough_people_before_it_works(simulate, tmp_path):
    done = simulate("faults", "--out", str(tmp_path / "work"), "--patients", "20")

    assert done.code == 2
    assert "at least 300 patients" in done.text
    assert not list(tmp_path.iterdir())
