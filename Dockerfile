# The bot as a container: pinned dependencies in an environment of their own, a user without rights.
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /opt/symptom-diary
COPY requirements/run.lock requirements/run.lock
RUN /opt/symptom-diary/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY storage storage
COPY care care
COPY handlers handlers
COPY sandbox sandbox
COPY bot bot
RUN /opt/symptom-diary/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data diary
COPY --from=build /opt/symptom-diary /opt/symptom-diary
ENV PATH=/opt/symptom-diary/bin:$PATH \
    LISTEN=0.0.0.0:8080 \
    LOG_FORMAT=json \
    PYTHONUNBUFFERED=1
USER diary
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Longer than one call to Telegram may take: docker stop --time 35.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=5)"]
CMD ["symptom-diary", "run"]
