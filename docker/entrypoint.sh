#!/bin/sh
# Takes the official image's arguments: nothing, "-c name=value ...", or "postgres -c name=value ...".
# Anything else is a command to run instead (psql, pgvc inspect, bash).
set -e

case "$1" in
  postgres) shift ;;
  -* | "") ;;
  *) exec "$@" ;;
esac

auth=automatic
if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
  auth=trust
fi

exec /opt/pgvc/pgvc serve --data "$PGDATA" --host '*' --auth "$auth" -c unix_socket_directories=/var/run/postgresql "$@"
