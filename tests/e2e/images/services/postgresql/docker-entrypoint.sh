#!/bin/sh
# As the official image's: the first start makes the database POSTGRES_DB of POSTGRES_USER, with the
# password POSTGRES_PASSWORD.
set -e
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ "${1-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?is not set}"
  password=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" > "$password"
  initdb --username="$user" --pwfile="$password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync
  rm "$password"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  if [ "$database" != postgres ]; then
    echo "CREATE DATABASE \"$database\"" | postgres --single -j postgres
  fi
fi
if [ "${1-}" = postgres ]; then
  exec "$@" -c 'listen_addresses=*'
fi
exec "$@"
