# swiftavatar in Debian 12, of the package that scripts/package.sh makes. docs/install.md says how to build and run it.
FROM debian:bookworm-slim
COPY build/package/swiftavatar-*.deb /tmp/
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/swiftavatar-*.deb && rm -rf /tmp/swiftavatar-*.deb /var/lib/apt/lists/*
WORKDIR /data
ENTRYPOINT ["swiftavatar"]
CMD ["--help"]
