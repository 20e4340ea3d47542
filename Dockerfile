# syntax=docker/dockerfile:1
# Build: the wheel with its frontend, by the same locked tools as `make`.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/bootstrap.txt \
    && /opt/build/bin/pip install --require-hashes -r requirements/frontend.txt \
    && python -m venv /opt/parley \
    && /opt/parley/bin/pip install --require-hashes -r requirements/base.txt
ENV PATH=/opt/build/bin:$PATH
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/
# The lock may lack other platforms' optional binaries, which `npm ci` alone does not forgive.
RUN cd frontend && (npm ci --no-audit --no-fund || npm install --no-save --no-audit --no-fund)
COPY frontend/ frontend/
RUN cd frontend && npm run build
COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/parley/bin/pip install --no-deps /dist/*.whl

# Run: Python and the desk, nothing else, as an ordinary user.
FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home parley && install -d -o parley -g parley /data
COPY --from=build /opt/parley /opt/parley
ENV PATH=/opt/parley/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DESK_DATA_DIR=/data \
    DESK_HOST=0.0.0.0 \
    DESK_SMTP_HOST=0.0.0.0 \
    DESK_LOG_FORMAT=json
USER parley
WORKDIR /data
VOLUME /data
EXPOSE 8080 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
CMD ["desk", "run"]
