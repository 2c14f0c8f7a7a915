#!/usr/bin/env bash
# Runs each script by psql in a database of its own and compares what psql prints, errors included, with the file beside it.
# Usage: run.sh URL [--accept]; --accept writes the files, to be done against a real PostgreSQL and reviewed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
url=${1:?a URL}
accept=${2:-}
server=${url%/*}
passed=0
failed=0
export PGTZ=UTC PGDATESTYLE="ISO, MDY" PGCLIENTENCODING=UTF8 PGOPTIONS= PSQLRC=/dev/null LC_ALL=C.UTF-8

output=$(mktemp)
trap 'rm -f "$output"' EXIT
for script in *.sql; do
  database=psql_${script%.sql}
  if ! psql -Xq "$url" -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database" 2> "$output" > /dev/null; then
    echo "$script: no database"; cat "$output"; failed=$((failed + 1)); continue
  fi
  timeout 60 psql -X -a -f "$script" "$server/$database" 2>&1 | sed -E 's/^psql:[^ ]* //' > "$output"
  psql -Xq "$url" -c "DROP DATABASE IF EXISTS $database" > /dev/null 2>&1
  if [ "$accept" = --accept ]; then cp "$output" "${script%.sql}.out"; fi
  if diff -u "${script%.sql}.out" "$output"; then passed=$((passed + 1)); else echo "$script differs"; failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
