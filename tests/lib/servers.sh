# Starts and stops the servers that tests/run.sh talks to: ours, and a real PostgreSQL with pgvector.

# Below the ports that the system gives to outgoing connections, any of which could take this one before the server does.
free_port() {
  local port
  while :; do
    port=$((10000 + RANDOM % 22000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
  done
}

server_pid=
server_url=
start_server() {
  local port tries
  port=$(free_port)
  dotnet "$pgvc" serve --data "$work/data" --port "$port" > "$work/server.log" 2>&1 &
  server_pid=$!
  for ((tries = 0; tries < 200; tries++)); do
    if pg_isready -q -h 127.0.0.1 -p "$port"; then
      server_url=postgresql://postgres@127.0.0.1:$port/postgres
      return 0
    fi
    kill -0 $server_pid 2> /dev/null || break
    sleep 0.1
  done
  cat "$work/server.log"
  count_failure "our server did not start"
  return 1
}

stop_server() {
  [ -n "$server_pid" ] || return 0
  kill -TERM "$server_pid" 2> /dev/null && wait "$server_pid" 2> /dev/null
  server_pid=
}

postgres_url=
postgres_problem=
postgres_tree=
mounts=()
start_postgres() {
  if [ -n "${PGVECTOR_URL:-}" ]; then
    postgres_url=$PGVECTOR_URL
    return 0
  fi
  local tree=$cache/postgresql-17 port
  install_postgres_tree "$tree" || return 1
  [ "$(id -u)" -eq 0 ] || { postgres_problem="running in a Debian tree needs root; name a server in PGVECTOR_URL"; return 1; }
  tree=$(cd "$tree" && pwd -P)
  mountpoint -q "$tree/proc" || { mount -t proc proc "$tree/proc" 2> /dev/null && mounts+=("$tree/proc"); }
  mountpoint -q "$tree/dev" || { mount --bind /dev "$tree/dev" 2> /dev/null && mounts+=("$tree/dev"); }
  postgres_tree=$tree
  port=$(free_port)
  in_tree "rm -rf $postgres_data && $postgres_bin/initdb -N -D $postgres_data -A trust -E UTF8 --locale=C.UTF-8 -U postgres > /dev/null" \
    && in_tree "$postgres_bin/pg_ctl -D $postgres_data -l $postgres_data/log -w start -o '-p $port $postgres_options' > /dev/null" \
    && postgres_url=postgresql://postgres@127.0.0.1:$port/postgres \
    && return 0
  postgres_problem="the server in $tree did not start"
  return 1
}

# The data is thrown away, so it need not be safe.
postgres_options="-c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp -c fsync=off -c max_connections=200"
postgres_bin=/usr/lib/postgresql/17/bin
postgres_data=/var/lib/postgresql/pgvc-tests-$$
in_tree() { chroot "$postgres_tree" su postgres -c "$1"; }

stop_postgres() {
  [ -n "$postgres_tree" ] || return 0
  in_tree "$postgres_bin/pg_ctl -D $postgres_data -m immediate stop > /dev/null; rm -rf $postgres_data" 2> /dev/null
  local mount
  for mount in "${mounts[@]}"; do umount "$mount"; done
  postgres_tree=
}
