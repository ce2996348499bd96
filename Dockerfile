# celery-kustomize with its kustomize: a command line, and a plugin of Argo CD's repo-server.
#
#   docker build -t celery-kustomize:0.1.0 .
#   docker run --rm -v "$PWD:/work" celery-kustomize:0.1.0 celery-kustomize validate examples/shop
#
# Behind a proxy that signs TLS anew, or with package indexes of your own:
#
#   docker build --build-arg CA_BUNDLE="$(cat ca.pem)" --build-arg PIP_INDEX_URL=... \
#     --build-arg GOPROXY=... .
#
# Both base images have the same Debian release.
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${GO_IMAGE} AS programs
ARG CA_BUNDLE
ARG GOPROXY
RUN if [ -n "$CA_BUNDLE" ]; then \
      printf '%s\n' "$CA_BUNDLE" > /usr/local/share/ca-certificates/build.crt \
      && update-ca-certificates; \
    fi
# tini reaps what is left when Argo CD kills a command.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY tools/kustomize .
RUN CGO_ENABLED=0 GOTOOLCHAIN=local go build -trimpath '-ldflags=-s -w' -o /programs/ tool


FROM ${PYTHON_IMAGE} AS package
ARG CA_BUNDLE
ARG PIP_INDEX_URL
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_NO_CACHE_DIR=1
RUN if [ -n "$CA_BUNDLE" ]; then \
      printf '%s\n' "$CA_BUNDLE" > /usr/local/share/ca-certificates/build.crt \
      && update-ca-certificates; \
    fi
WORKDIR /src
COPY requirements requirements
RUN python3 -m venv --without-pip /opt/celery-kustomize \
    && pip --python /opt/celery-kustomize/bin/python install --require-hashes \
      --requirement requirements/runtime.txt \
    && pip install --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY generator generator
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && pip --python /opt/celery-kustomize/bin/python install --no-deps --no-index /dist/*.whl


FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="celery-kustomize" \
      org.opencontainers.image.description="Kustomize bases and overlays for Celery on Kubernetes, from short specs in Git" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="BSD-3-Clause"
COPY --from=programs /usr/bin/tini /usr/bin/tini
COPY --from=programs /programs/kustomize /usr/local/bin/kustomize
COPY --from=package /opt/celery-kustomize /opt/celery-kustomize
# Where Argo CD's cmp-server looks for it.
COPY deploy/plugin.yaml /home/argocd/cmp-server/config/plugin.yaml

ENV PATH=/opt/celery-kustomize/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/home/argocd
# Argo CD's user. The root file system may be read-only; /tmp must be writable.
USER 999:999
WORKDIR /work
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["celery-kustomize"]
