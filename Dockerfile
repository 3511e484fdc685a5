# One image for the gateway, every worker, the migrations and the catalog's loader; the command and WORKER_QUEUES choose what a container does.

FROM node:24-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npx tsc -b apps/gateway apps/worker
# Afresh with what the two programs need alone: neither build tools nor the embedded stack come along.
RUN npm ci --omit=dev --workspace @commissary/gateway --workspace @commissary/worker

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/libs ./libs
COPY --from=build /app/apps ./apps
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/gateway/dist/main.js"]
