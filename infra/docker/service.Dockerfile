# One image per service: docker build -f infra/docker/service.Dockerfile --build-arg SERVICE=registry .
# The target `migrate` is the job that prepares the database for all of them.
ARG NODE_IMAGE=node:24-bookworm-slim

# only what the install reads, so that a change of code does not install again
FROM ${NODE_IMAGE} AS manifests
WORKDIR /src
COPY . .
RUN mkdir /out && find . -name package.json -not -path '*/node_modules/*' -exec cp --parents -t /out {} + && cp package-lock.json .npmrc /out

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY --from=manifests /out ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node tools/build.mjs

# what the service needs at run time, and nothing else
FROM build AS collect
ARG SERVICE
RUN node infra/docker/collect.mjs "services/${SERVICE}" /runtime

FROM build AS collect-migrate
RUN node infra/docker/collect.mjs libs/launcher /runtime \
 && for service in ingestion training registry serving monitoring governance; do \
      node infra/docker/collect.mjs "services/${service}" /runtime --migrations-only; \
    done

FROM ${NODE_IMAGE} AS migrate
ENV NODE_ENV=production
WORKDIR /app
COPY --from=collect-migrate --chown=node:node /runtime /app
USER node
CMD ["node", "libs/launcher/dist/migrate.main.js"]

FROM ${NODE_IMAGE} AS service
ARG SERVICE
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 ADMIN_PORT=9090 SERVICE=${SERVICE}
WORKDIR /app
COPY --from=collect --chown=node:node /runtime /app
RUN mkdir -p /data/objects /data/spill /data/signing && chown -R node:node /data && chmod -R 777 /data
USER node
EXPOSE 8080 9090
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["sh", "-c", "exec node --max-semi-space-size=4 services/$SERVICE/dist/main.js"]
