# What tests/run.sh installs when it is missing. What cannot be installed is a failure, not a skip.

apt_updated=
apt_install() { # PACKAGE…
  echo "installing $*"
  if [ -z "$apt_updated" ]; then
    apt-get update -qq || return 1
    apt_updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > "$work/apt.log" 2>&1 || { tail -20 "$work/apt.log"; return 1; }
}

install_psql() {
  command -v psql > /dev/null || apt_install postgresql-client || count_failure "psql could not be installed"
}

install_python() {
  # The system's interpreter: it is the one that sees the system's packages.
  /usr/bin/python3 -c 'import psycopg, psycopg2' 2> /dev/null && return 0
  apt_install python3 python3-psycopg python3-psycopg2 && return 0
  count_failure "psycopg could not be installed"
  return 1
}

install_node() {
  if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
    apt_install nodejs npm || { count_failure "node could not be installed"; return 1; }
  fi
  [ -d "$cache/node/node_modules/pg" ] && [ -d "$cache/node/node_modules/pgvector" ] && return 0
  mkdir -p "$cache/node"
  cp tests/Compat/node/package.json "$cache/node/"
  npm install --prefix "$cache/node" --silent --no-audit --no-fund && return 0
  count_failure "the node packages could not be installed"
  return 1
}

# A Debian tree of its own, so that the machine keeps its own PostgreSQL, if any.
install_postgres_tree() { # TREE
  [ -x "$1/usr/lib/postgresql/17/bin/postgres" ] && [ -f "$1/usr/share/postgresql/17/extension/vector.control" ] && return 0
  [ "$(id -u)" -eq 0 ] || { postgres_problem="making a Debian tree needs root; name a server in PGVECTOR_URL"; return 1; }
  command -v debootstrap > /dev/null || apt_install debootstrap || { postgres_problem="debootstrap could not be installed"; return 1; }
  echo "making a Debian tree with PostgreSQL 17 and pgvector in $1"
  rm -rf --one-file-system "$1"
  debootstrap --variant=minbase --include=postgresql-17,postgresql-17-pgvector trixie "$1" > "$work/debootstrap.log" 2>&1 && return 0
  tail -20 "$work/debootstrap.log"
  postgres_problem="debootstrap failed"
  return 1
}
