#!/usr/bin/env bash
# Installs what is missing, builds once, runs every kind of test; the last line is "N passed, N failed".
# Usage: bash tests/run.sh [part…], with the parts below. docs/testing.md says what each part proves.
#
#   PGVECTOR_URL     a real PostgreSQL with pgvector (postgresql://user@host:port, trust or a password file), instead of the one made here
#   PGVC_CACHE       where packages are kept between runs, instead of ${XDG_CACHE_HOME:-$HOME/.cache}/pgvc
#   PGVC_WORDNET     the wordnet data set, instead of ../shared/data/wordnet beside the repository
set -uo pipefail

all_parts=(unit simulation golden restart postgres psql python node npgsql indexes program documents wordnet crash indexlife stress fuzz)
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repository" || exit 1
source tests/lib/report.sh
source tests/lib/install.sh
source tests/lib/servers.sh

parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=("${all_parts[@]}")
for part in "${parts[@]}"; do
  [[ " ${all_parts[*]} " == *" $part "* ]] || { echo "unknown part \"$part\"; parts: ${all_parts[*]}" >&2; exit 2; }
done
wants() { local p; for p in "$@"; do [[ " ${parts[*]} " == *" $p "* ]] && return 0; done; return 1; }

cache=${PGVC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pgvc}
work=$(mktemp -d)
mkdir -p "$cache"
trap finish EXIT

finish() {
  stop_server
  stop_postgres
  rm -rf "$work"
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
section build
if ! dotnet build -c Release -v quiet --nologo; then
  count_failure "the build"
  report
  exit 1
fi
pgvc=$repository/src/Cli/bin/Release/net10.0/pgvc.dll
golden=(dotnet "$repository/tests/Golden/bin/Release/net10.0/golden.dll")
compat_tests() { # PART TRAIT: the xunit tests of tests/Compat with this trait
  run_dotnet_test "$1" tests/Compat --filter "Part=$2"
}

if wants unit; then
  run_dotnet_test unit tests/Unit
  # Kernels and literals once more, as on machines with narrower registers and with none.
  for switch in EnableAVX512 EnableAVX2 EnableHWIntrinsic; do
    env_name=DOTNET_$switch
    export "$env_name=0"
    run_dotnet_test "unit with $env_name=0" tests/Unit --filter "FullyQualifiedName~Unit.Vectors|FullyQualifiedName~KeyList|FullyQualifiedName~SingleText|FullyQualifiedName~VectorCodec"
    unset "$env_name"
  done
  run benchmarks dotnet "$repository/bench/Micro/bin/Release/net10.0/PgVectorCompat.Micro.dll" smoke
fi
wants simulation && run_dotnet_test simulation tests/Simulation

if wants golden; then
  for mode in simple extended-text extended-binary; do
    run "golden $mode" "${golden[@]}" --server "$pgvc" --mode "$mode" sql
  done
fi
wants restart && run "golden restart" "${golden[@]}" --server "$pgvc" --mode restart --jobs 8 sql

if wants psql python node npgsql indexes documents wordnet; then install_psql; fi
if wants postgres psql python node npgsql indexes documents; then start_postgres; fi

if wants postgres; then
  if [ -n "$postgres_url" ]; then
    for mode in simple extended-text extended-binary; do
      run "golden $mode on PostgreSQL" "${golden[@]}" --url "$postgres_url" --mode "$mode" sql
    done
  else
    count_failure "no real PostgreSQL: $postgres_problem"
  fi
fi

if wants psql python node npgsql indexes; then
  export PGVC_PROGRAM=$pgvc PGVC_REPOSITORY=$repository
  if start_server; then
    for target in ours postgres; do
      # The real server runs the same scripts: that proves what they expect.
      url=$server_url
      if [ $target = postgres ]; then
        [ -n "$postgres_url" ] || continue
        url=$postgres_url
      fi
      psql -Xq "$url" -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION IF NOT EXISTS vector' || count_failure "no extension on $target"
      wants psql && run "psql on $target" bash tests/Compat/psql/run.sh "$url"
      if wants python && install_python; then
        run "psycopg 3 on $target" /usr/bin/python3 tests/Compat/python/psycopg3_tests.py "$url"
        run "psycopg 2 on $target" /usr/bin/python3 tests/Compat/python/psycopg2_tests.py "$url"
      fi
      wants node && install_node && run "node pg on $target" env NODE_PATH="$cache/node/node_modules" node tests/Compat/node/tests.js "$url"
      wants npgsql && PGVC_URL=$url compat_tests "Npgsql on $target" npgsql
      wants indexes && PGVC_URL=$url compat_tests "vector indexes on $target" indexes
    done
    stop_server
  fi
fi

export PGVC_PROGRAM=$pgvc PGVC_REPOSITORY=$repository
if wants documents && [ -n "$postgres_url" ] && install_python && install_node && start_server; then
  # pg_dump must be at least as new as the server it dumps; the tree has its own.
  pg_dump=${postgres_tree:+chroot $postgres_tree /usr/lib/postgresql/17/bin/pg_dump}
  run documents env NODE_PATH="$cache/node/node_modules" ${pg_dump:+PG_DUMP="$pg_dump"} bash tests/Compat/docs.sh "$server_url" "$postgres_url"
  stop_server
fi
if wants wordnet; then
  data=${PGVC_WORDNET:-$repository/../shared/data/wordnet}
  if [ -d "$data" ]; then PGVC_WORDNET=$data compat_tests wordnet wordnet
  else skip "wordnet: the data set is not at $data"
  fi
fi
wants program && compat_tests "the program" program
wants crash && compat_tests crash crash
wants indexlife && compat_tests "life of vector indexes" indexlife
wants stress && compat_tests stress stress
wants fuzz && compat_tests fuzz fuzz

report
