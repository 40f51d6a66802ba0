# Airflow's own image runs the DAGs: its login manager and Postgres driver are in it.
# `outcomes` runs in an environment of its own, installed from uv.lock as on a laptop.
FROM apache/airflow:3.3.2-python3.12

USER root
RUN install --directory --owner=airflow --group=0 /opt/outcomes /srv/outcomes

USER airflow
WORKDIR /opt/outcomes
COPY --chown=airflow:0 pyproject.toml uv.lock README.md LICENSE ./
COPY --chown=airflow:0 pipelines pipelines
COPY --chown=airflow:0 expectations expectations
COPY --chown=airflow:0 dbt_project dbt_project
COPY --chown=airflow:0 examples examples
COPY --chown=airflow:0 dags dags
RUN python3 -m venv .tools \
    && PIP_USER=false .tools/bin/python -m pip install --no-cache-dir uv==0.13.9 \
    && .tools/bin/uv sync --frozen --no-dev --no-cache --compile-bytecode --python python3

# Last on the path: `airflow` stays the image's own, `outcomes` is found here.
ENV PATH="${PATH}:/opt/outcomes/.venv/bin" \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/outcomes/dags \
    OUTCOMES_HOME=/srv/outcomes
