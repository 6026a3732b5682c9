# mcpfier with an init as its first process. Build the product before: npm ci && npm run build
ARG BASE=node:24-slim
FROM ${BASE}

# The kernel hands process 1 what commands leave behind, and an init collects it. A base that has one needs no network.
RUN command -v tini >/dev/null \
  || { apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*; }

COPY package.json LICENSE /opt/mcpfier/
COPY schemas /opt/mcpfier/schemas
COPY templates /opt/mcpfier/templates
COPY completions /opt/mcpfier/completions
COPY dist /opt/mcpfier/dist
RUN mkdir -p /usr/local/bin /work /var/lib/mcpfier /var/cache/mcpfier \
  && ln -s /opt/mcpfier/dist/mcpfier.mjs /usr/local/bin/mcpfier \
  && chmod 1777 /var/lib/mcpfier /var/cache/mcpfier

# Whatever user it runs as (`--user`), it may write there; a volume at /var/lib/mcpfier keeps records and analytics.
ENV NODE_ENV=production XDG_STATE_HOME=/var/lib XDG_DATA_HOME=/var/lib XDG_CACHE_HOME=/var/cache
USER 1000:1000
WORKDIR /work

# A server on stdin and stdout talks to its client alone, so nobody else can ask it how it is. What can go wrong under it is
# what it reads: the catalogue, by which it would not start again, and which it no longer follows.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s CMD ["mcpfier", "validate"]
ENTRYPOINT ["tini", "--", "mcpfier"]
CMD ["serve"]
