# The production image: one for web, worker, beat and the migration. See docker-compose.yml.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements.lock .
RUN python -m pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes \
    --requirement requirements.lock
COPY . .
# These contact no server; the settings only want to see that one is named.
RUN export SECRET_KEY=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    && python manage.py translations \
    && python manage.py collectstatic --noinput \
    && python -m compileall -q .

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --no-create-home banyang \
    && install --directory --owner banyang /var/lib/banyang/media /var/lib/banyang/beat
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MEDIA_ROOT=/var/lib/banyang/media
USER banyang
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# No access log: it would hold people's addresses and the secrets in invitation links.
CMD ["gunicorn", "banyang.wsgi", "--bind=0.0.0.0:8000", "--workers=3", "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket", "--max-requests=10000", "--max-requests-jitter=1000"]
