# The container analytics-env: Python with the project's packages. The project is mounted into it.
FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends make git \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /workspace
ENV VENV=/opt/venv PATH=/opt/venv/bin:$PATH CONSENT_HOME=/var/lib/consent

COPY pyproject.toml requirements.txt requirements-dev.txt ./
COPY .ci ./.ci
RUN mkdir database \
    && python .ci/environment.py /opt/venv requirements.txt \
    && python .ci/environment.py /opt/venv requirements-dev.txt \
    && rm -rf /root/.cache

CMD ["sleep", "infinity"]
