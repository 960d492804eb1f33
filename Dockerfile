# The shop's image: one for web, sockets, worker, factory and the one-shot preparation; the command decides.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/
RUN /opt/venv/bin/pip install --only-binary=:all: --requirement /tmp/requirements.txt

FROM python:3.11-slim-bookworm
# FriBidi lays out right-to-left text in previews.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libfribidi0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home shop \
    && install --directory --owner shop --group shop /data
COPY --from=build /opt/venv /opt/venv
COPY . /app
WORKDIR /app
RUN /opt/venv/bin/python -m compileall -q accounts catalog customizations fantasize notifications orders realtime
ENV PATH=/opt/venv/bin:$PATH DJANGO_ENV=production DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER shop
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "deploy/healthcheck.py"]
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "10", \
     "fantasize.wsgi:application"]
