# Two images: `reconciler`, small, and `reconciler-git` with git besides, which `review` and `--base` need in a pipeline.
#
#   docker build --tag OWNER/reconciler:0.1.0 .
#   docker build --tag OWNER/reconciler:0.1.0-git --target reconciler-git .
#   docker run --rm --init --env UDESK_SID --env UDESK_AUTH_TOKEN --volume "$PWD:/work:ro" OWNER/reconciler plan .
ARG PYTHON=3.13.5-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY reconciler ./reconciler
# The folder is what is installed; its dependencies have their ranges in pyproject.toml. The image gets no pip.
# hadolint ignore=DL3013
RUN python -m venv --without-pip /opt/reconciler \
 && python -m pip --python /opt/reconciler/bin/python install --no-cache-dir --disable-pip-version-check \
      --root-user-action=ignore '.[age,notify,postgresql]'

FROM python:${PYTHON} AS base
LABEL org.opencontainers.image.title="reconciler" \
      org.opencontainers.image.description="Configuration as code for contact centers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/OWNER/reconciler"
ENV PATH=/opt/reconciler/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/reconciler /opt/reconciler
WORKDIR /work
ENTRYPOINT ["reconciler"]
CMD ["--help"]

FROM base AS reconciler-git
# The distribution's git is as old as the image, which is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory '*'
USER 10001:10001

FROM base AS reconciler
USER 10001:10001
