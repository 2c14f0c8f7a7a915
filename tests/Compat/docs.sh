#!/usr/bin/env bash
# Runs the fenced blocks of README.md and MIGRATION.md that are marked "run", as a reader would, against servers of the test.
# Usage: docs.sh OUR_URL [POSTGRES_URL]; URLs with a user and a database. Without POSTGRES_URL the migration is left out.
#   PG_DUMP    a pg_dump as new as that PostgreSQL (default: pg_dump); several words are a command
#   NODE_PATH  where node finds pg; without node or pg that block is left out
set -uo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ours=${1:?our URL}
postgres=${2:-}
passed=0
failed=0
export PGOPTIONS= PSQLRC=/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# Block N of LANGUAGE in FILE, from 1; nothing when there is none.
block() { awk -v head="\`\`\`$2 run" -v want="$3" '$0 == head { inside = ++found == want; next } /^```/ { inside = 0 } inside' "$repository/$1"; }

check() { # NAME COMMAND…: one block, which must succeed
  local name=$1
  shift
  if "$@" > output 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    sed 's/^/  /' output
  fi
}

fresh() { # URL DATABASE: makes it anew and prints its URL
  psql -Xq "$1" -c 'SET client_min_messages = error' -c "DROP DATABASE IF EXISTS $2" -c "CREATE DATABASE $2" > /dev/null && echo "${1%/*}/$2"
}

readme=$(fresh "$ours" docs_readme) || { echo "no database on $ours"; echo "0 passed, 1 failed"; exit 1; }
as_written() { # LANGUAGE FILE [NUMBER]: its README block, with the address of the test's database
  block README.md "$1" "${3:-1}" | sed "s|postgres://postgres@127.0.0.1:5432/postgres|$readme|" > "$2"
  [ -s "$2" ]
}
check "README: marked blocks" eval 'as_written sql items.sql && as_written sql indexes.sql 2 && as_written python items.py && as_written js items.js'
check "README: SQL" psql -X -v ON_ERROR_STOP=1 "$readme" -f items.sql
check "README: vector indexes" psql -X -v ON_ERROR_STOP=1 "$readme" -f indexes.sql
if /usr/bin/python3 -c 'import psycopg' 2> /dev/null; then check "README: Python" /usr/bin/python3 items.py
else echo "skipped README: Python: psycopg is missing"
fi
if command -v node > /dev/null && node -e 'require("pg")' 2> /dev/null; then check "README: JavaScript" node items.js
else echo "skipped README: JavaScript: node or pg is missing"
fi
rows=$(psql -XAt "$readme" -c "SELECT string_agg(name, '' ORDER BY embedding <-> '[3,1,2]') FROM items")
check "README: nearest first ($rows)" test "$rows" = cab

if [ -n "${PGVC_PROGRAM:-}" ]; then
  pgvc() { case $PGVC_PROGRAM in *.dll) dotnet "$PGVC_PROGRAM" "$@" ;; *) "$PGVC_PROGRAM" "$@" ;; esac; }
  operate() { block README.md sh 1 > operate.sh && [ -s operate.sh ] && bash -eo pipefail operate.sh; }
  export PGVC_PROGRAM
  export -f pgvc
  check "README: operations" operate
else echo "skipped README: operations: PGVC_PROGRAM is not set"
fi

migrate() {
  SOURCE=$(fresh "$postgres" docs_source) && TARGET=$(fresh "$ours" docs_target) && TARGET_2=$(fresh "$ours" docs_target_2) \
    && BACK=$(fresh "$postgres" docs_back) || { check "MIGRATION: databases" false; return; }
  export SOURCE TARGET TARGET_2 BACK
  psql -Xq -v ON_ERROR_STOP=1 "$SOURCE" -f "$repository/tests/Compat/docs_source.sql" > output 2>&1 || { check "MIGRATION: source" cat output; return; }
  if [ -n "${PG_DUMP:-}" ]; then
    pg_dump() { $PG_DUMP "$@"; }
    export PG_DUMP
    export -f pg_dump
  fi
  local number
  for ((number = 1; ; number++)); do
    block MIGRATION.md bash "$number" > step.sh
    [ -s step.sh ] || break
    check "MIGRATION: block $number ($(head -1 step.sh))" bash -euo pipefail step.sh
  done
  check "MIGRATION: blocks found" test "$number" -gt 6

  local url sum sums=() count="SELECT (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM documents t), (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM authors t), (SELECT count(*) FROM books)"
  for url in "$SOURCE" "$TARGET" "$TARGET_2" "$BACK"; do
    sum=$(psql -XAt "$url" -c "$count" 2>&1)
    sums+=("$sum")
    check "MIGRATION: ${url##*/} is the same" test "$sum" = "${sums[0]}"
    check "MIGRATION: ${url##*/} goes on counting" test "$(psql -XAt "$url" -c "SELECT nextval('documents_id_seq')" 2>&1)" = 202
  done
}

if [ -z "$postgres" ]; then
  echo "skipped MIGRATION: no real PostgreSQL"
elif ! ${PG_DUMP:-pg_dump} --schema-only "$postgres" > /dev/null 2> output; then
  echo "skipped MIGRATION: $(tail -1 output)"
else
  migrate
fi

for url in "$ours" ${postgres:+"$postgres"}; do
  for database in docs_readme docs_source docs_target docs_target_2 docs_back; do
    psql -Xq "$url" -c "DROP DATABASE IF EXISTS $database" > /dev/null 2>&1
  done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
