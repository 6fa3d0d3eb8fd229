# Every server in one image; which one runs is the command. Built from this folder:
#   docker build -t manage-core .
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked -p manage -p api-internal -p api-public -p connect -p worker -p depot-sim \
    && mkdir /programs \
    && for program in manage api-internal api-public connect worker depot-sim; do \
         cp "target/release/$program" /programs/; done

FROM debian:bookworm-slim
# Whose roots tell whether AWS, and an issuer of tokens, is who it says.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/manage manage
COPY --from=build /programs/ /usr/local/bin/
USER manage
WORKDIR /var/lib/manage
ENV MANAGE_DATA_DIR=/var/lib/manage \
    MANAGE_LOG_FORMAT=json
CMD ["manage", "serve"]
