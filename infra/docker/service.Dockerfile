# One image per service: docker build -f infra/docker/service.Dockerfile --target service --build-arg SERVICE=registry .
# Other targets: `setup`, the jobs that make the secrets and prepare the database; `example`, the client that plays the example.
# NODE_IMAGE may name a mirror or a digest. Works with BuildKit and with the older builder.
ARG NODE_IMAGE=node:24-bookworm-slim

# only what the install reads, so that a change of code does not install again
FROM ${NODE_IMAGE} AS manifests
WORKDIR /src
COPY . .
RUN mkdir /out && find . -name package.json -exec cp --parents -t /out {} + && cp package-lock.json .npmrc /out

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# the runtime of the models would fetch CUDA libraries that nothing here uses
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY --from=manifests /out ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node tools/build.mjs

# what all services have in common: one layer they share on disk and on the wire
FROM build AS collect-common
RUN node infra/docker/collect.mjs /runtime libs/platform libs/messaging libs/access \
 && cp infra/docker/main.mjs /runtime/

FROM build AS collect-setup
COPY --from=collect-common /runtime /common
RUN node infra/docker/collect.mjs /runtime --beside /common libs/database libs/outbox services/*/dist/migrations \
      libs/launcher/dist/migrate.main.js libs/launcher/dist/compose-secrets.main.js

FROM build AS collect-example
RUN node infra/docker/collect.mjs /runtime examples/birdstrikes examples/birdstrikes/contract && cp infra/docker/main.mjs /runtime/

FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production
WORKDIR /app
# a volume takes over the owner of the folder it is first mounted on
RUN mkdir -p /data /run/bascule && install -d -o node -g node -m 700 /data/objects /data/spill /data/signing
CMD ["node", "--max-semi-space-size=4", "--max-old-space-size=384", "main.mjs"]

FROM base AS setup
COPY --from=collect-common /runtime ./
COPY --from=collect-setup /runtime ./
RUN for each in all postgres nats ingestion training registry serving monitoring governance console example; do \
      install -d -o node -g node -m 755 "/secrets/$each"; \
    done
ENV MAIN=./libs/launcher/dist/migrate.main.js
USER node

FROM base AS example
COPY --from=collect-example /runtime ./
ENV MAIN=./examples/birdstrikes/dist/main.js
USER node

FROM build AS collect
ARG SERVICE
COPY --from=collect-common /runtime /common
RUN node infra/docker/collect.mjs /runtime --beside /common "services/${SERVICE}"

FROM base AS service
COPY --from=collect-common /runtime ./
ARG SERVICE
COPY --from=collect /runtime ./
ENV HOST=0.0.0.0 PORT=8080 ADMIN_PORT=9090 MAIN=./services/${SERVICE}/dist/main.js
USER node
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# bash asks, because starting Node every few seconds costs more than the answer
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=6 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
