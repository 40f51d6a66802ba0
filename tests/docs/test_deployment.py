"""What runs in containers agrees with the Makefile and the lock, and is safe to start."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from pipelines import doctor

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
LASTING = [name for name in SERVICES if name != "init"]
AIRFLOW = [name for name in SERVICES if name != "postgres"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shared_environment() -> dict[str, str]:
    lines = text_of(".env.defaults").splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] != "#")


def test_nothing_reports_home():
    environment = shared_environment()

    assert doctor.QUIET.items() <= environment.items()
    assert environment["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"


def test_the_makefile_and_compose_read_the_same_variables():
    assert "\ninclude .env.defaults\n" in text_of("Makefile")
    assert all(SERVICES[name]["env_file"] == [".env.defaults"] for name in AIRFLOW)


def test_the_variables_that_make_reads_reach_its_commands(tmp_path):
    shown = _make_prints_environment(tmp_path)

    for name, value in shared_environment().items():
        assert f"{name}={value}" in shown
    assert f"OUTCOMES_HOME={tmp_path / 'home'}" in shown
    assert f"AIRFLOW_HOME={tmp_path / 'home' / 'airflow'}" in shown


@pytest.mark.parametrize("name", LASTING)
def test_a_service_that_lasts_is_watched_and_started_again(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_no_secret_has_a_default():
    secrets = re.findall(
        r"\$\{(\w*(?:PASSWORD|KEY|SECRET)\w*)([^}]*)\}", text_of("docker-compose.yml")
    )

    assert {name for name, _ in secrets} == {
        "POSTGRES_PASSWORD",
        "AIRFLOW_FERNET_KEY",
        "AIRFLOW_JWT_SECRET",
        "AIRFLOW_SECRET_KEY",
    }
    assert all(rest.startswith(":?") for _, rest in secrets)


def test_a_shared_host_does_not_get_the_simple_login():
    for name in AIRFLOW:
        manager = SERVICES[name]["environment"]["AIRFLOW__CORE__AUTH_MANAGER"]
        assert "fab" in manager


def test_ports_are_open_to_this_host_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert [port.split(":")[0] for port in ports] == ["127.0.0.1"]


def test_only_the_container_that_runs_the_tasks_sees_the_data():
    seeing = [
        name
        for name, service in SERVICES.items()
        if any("/srv/outcomes" in volume for volume in service["volumes"])
    ]

    assert SERVICES["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"] == (
        "LocalExecutor"
    )
    assert seeing == ["scheduler"]


def test_images_are_pinned():
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", text_of("Dockerfile"), re.MULTILINE)

    assert all(re.search(r":\d", image) for image in images)


def test_the_image_has_the_airflow_of_the_lock_and_the_uv_of_the_makefile():
    lock = tomllib.loads(text_of("uv.lock"))
    airflow = next(p for p in lock["package"] if p["name"] == "apache-airflow")
    pinned_uv = re.search(r"^UV_VERSION := (\S+)$", text_of("Makefile"), re.MULTILINE)

    assert f"FROM apache/airflow:{airflow['version']}-python3." in text_of("Dockerfile")
    assert f"uv=={pinned_uv.group(1)} " in text_of("Dockerfile")


def test_the_image_and_the_project_have_the_same_version():
    project = tomllib.loads(text_of("pyproject.toml"))["project"]

    assert COMPOSE["x-airflow"]["image"] == f"{project['name']}:{project['version']}"


def test_everything_that_the_image_copies_is_there():
    copied = re.findall(
        r"^COPY --chown=\S+ (.+) \S+$", text_of("Dockerfile"), re.MULTILINE
    )
    names = [name for line in copied for name in line.split()]

    assert {"pipelines", "dags", "uv.lock"} <= set(names)
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_pool_that_the_dags_name_is_made_wherever_airflow_starts():
    for name in ("Makefile", "docker-compose.yml"):
        assert "airflow pools set duckdb_writer 1 " in text_of(name)


def _make_prints_environment(folder: Path) -> list[str]:
    import subprocess

    shown = subprocess.run(
        ["make", "--no-print-directory", "-f", "Makefile", "-f", "-", "print-env"],
        cwd=ROOT,
        input="print-env: ; @env\n",
        env={"PATH": "/usr/bin:/bin", "OUTCOMES_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout.splitlines()
