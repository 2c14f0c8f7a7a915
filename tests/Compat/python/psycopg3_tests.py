"""psycopg 3 with its own type loading, and vectors registered as its documentation shows, in text and in binary."""

import datetime as dt
import decimal
import struct
import sys
import threading
import uuid

import psycopg
from psycopg import errors, sql
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import dict_row
from psycopg.types import TypeInfo
from psycopg.types.json import Jsonb

import harness
from harness import fails


class Vector(list):
    pass


def register_vector(connection):
    info = TypeInfo.fetch(connection, "vector")
    assert info is not None, "the type vector is not found"
    info.register(connection)

    class TextDumper(Dumper):
        oid = info.oid

        def dump(self, obj):
            return ("[" + ",".join(repr(float(x)) for x in obj) + "]").encode()

    class BinaryDumper(TextDumper):
        format = Format.BINARY

        def dump(self, obj):
            return struct.pack(f">hh{len(obj)}f", len(obj), 0, *obj)

    class TextLoader(Loader):
        def load(self, data):
            return Vector(float(x) for x in bytes(data)[1:-1].split(b","))

    class BinaryLoader(Loader):
        format = Format.BINARY

        def load(self, data):
            count, _ = struct.unpack(">hh", bytes(data)[:4])
            return Vector(struct.unpack(f">{count}f", bytes(data)[4:]))

    for adapter in (TextDumper, BinaryDumper):
        connection.adapters.register_dumper(Vector, adapter)
    for adapter in (TextLoader, BinaryLoader):
        connection.adapters.register_loader(info.oid, adapter)


VALUES = [
    ("bool", True),
    ("int2", -5),
    ("int4", 2**31 - 1),
    ("int8", -(2**63)),
    ("float8", 1.5e300),
    ("float8", float("-inf")),
    ("numeric", decimal.Decimal("-12345678901234567890.0123")),
    ("numeric", decimal.Decimal("0.000001")),
    ("text", "naïve 'quoted' \\ 日本 😀"),
    ("text", ""),
    ("bytea", b"\x00\xff\\'"),
    ("date", dt.date(2024, 2, 29)),
    ("time", dt.time(23, 59, 59, 999999)),
    ("timestamp", dt.datetime(1969, 12, 31, 23, 59, 59, 1)),
    ("timestamptz", dt.datetime(2024, 7, 1, 12, 0, tzinfo=dt.timezone.utc)),
    ("interval", dt.timedelta(days=3, seconds=-5, microseconds=7)),
    ("uuid", uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("int4[]", [1, None, 3]),
    ("text[]", ["a,b", '"', "", "NULL"]),
    ("float8[]", [[1.0, 2.0], [3.0, 4.0]]),
    ("uuid[]", [uuid.UUID(int=1)]),
    ("timestamptz[]", [dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)]),
]


def test_types_both_ways_in_both_formats(connection):
    for binary in (False, True):
        for type_name, value in VALUES:
            placeholder = "%b" if binary else "%t"
            got = connection.execute(f"SELECT {placeholder}::{type_name}", [value], binary=binary).fetchone()[0]
            assert got == value, f"{type_name} {'binary' if binary else 'text'}: {got!r}, not {value!r}"


def test_null_of_every_type(connection):
    for type_name, _ in VALUES:
        for binary in (False, True):
            assert connection.execute(f"SELECT %s::{type_name}", [None], binary=binary).fetchone()[0] is None


def test_json(connection):
    value = {"a": [1, None, {"b": "x"}], "c": True}
    for binary in (False, True):
        assert connection.execute("SELECT %s::jsonb", [Jsonb(value)], binary=binary).fetchone()[0] == value
        assert connection.execute("SELECT '[1, 2]'::json", binary=binary).fetchone()[0] == [1, 2]


def test_vectors_in_both_formats(connection):
    register_vector(connection)
    connection.execute("CREATE TEMP TABLE items (id int, v vector(3))")
    cursor = connection.cursor()
    cursor.execute("INSERT INTO items VALUES (1, %t), (2, %b), (3, NULL)", [Vector([1, 2, 3]), Vector([4, 5, 6.5])])
    for binary in (False, True):
        rows = connection.execute("SELECT v FROM items ORDER BY id", binary=binary).fetchall()
        assert rows == [([1, 2, 3],), ([4, 5, 6.5],), (None,)], rows
        nearest = connection.execute(
            "SELECT id, v <-> %b FROM items WHERE v IS NOT NULL ORDER BY v <-> %b LIMIT 1",
            [Vector([4, 5, 6])] * 2, binary=binary).fetchone()
        assert nearest == (2, 0.5), nearest
    arrays = connection.execute("SELECT ARRAY['[1,2]'::vector, '[3,4]']", binary=True).fetchone()[0]
    assert arrays == [[1, 2], [3, 4]], arrays


def test_type_info_of_every_vector_type(connection):
    for name in ("vector", "halfvec", "sparsevec", "bit"):
        info = TypeInfo.fetch(connection, name)
        assert info and info.oid and info.array_oid, name
    assert TypeInfo.fetch(connection, "nope") is None


def test_transaction_contexts_and_savepoints(connection):
    connection.execute("CREATE TEMP TABLE t (id int PRIMARY KEY)")
    connection.commit()
    with connection.transaction():
        connection.execute("INSERT INTO t VALUES (1)")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO t VALUES (2)")
                connection.execute("INSERT INTO t VALUES (1)")
        except errors.UniqueViolation:
            pass
        connection.execute("INSERT INTO t VALUES (3)")
    assert connection.execute("SELECT id FROM t ORDER BY id").fetchall() == [(1,), (3,)]
    connection.rollback()
    assert connection.info.transaction_status == TransactionStatus.IDLE


def test_failed_transaction_refuses_until_rollback(connection):
    fails(errors.DivisionByZero, lambda: connection.execute("SELECT 1/0"), "22012")
    fails(errors.InFailedSqlTransaction, lambda: connection.execute("SELECT 1"), "25P02")
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_prepared_statements(connection):
    connection.prepare_threshold = 0
    connection.execute("CREATE TEMP TABLE t (id int PRIMARY KEY, s text)")
    for i in range(20):
        connection.execute("INSERT INTO t VALUES (%s, %s)", [i, f"s{i}"])
    for i in range(20):
        assert connection.execute("SELECT s FROM t WHERE id = %s", [i]).fetchone() == (f"s{i}",)
    names = connection.execute("SELECT count(*) FROM pg_prepared_statements", prepare=False).fetchone()[0]
    assert names >= 2, names


def test_executemany_and_returning(connection):
    connection.execute("CREATE TEMP TABLE t (id serial, n int)")
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO t (n) VALUES (%s) RETURNING id", [(i,) for i in range(100)], returning=True)
    ids = []
    while True:
        ids.append(cursor.fetchone()[0])
        if not cursor.nextset():
            break
    assert ids == list(range(1, 101))


def test_pipeline(connection):
    connection.execute("CREATE TEMP TABLE t (id int PRIMARY KEY)")
    connection.commit()
    with connection.pipeline():
        cursors = [connection.execute("INSERT INTO t VALUES (%s) RETURNING id * 2", [i]) for i in range(50)]
        assert [c.fetchone()[0] for c in cursors] == [2 * i for i in range(50)]
    connection.commit()
    try:
        with connection.pipeline() as pipeline:
            connection.execute("INSERT INTO t VALUES (100)")
            connection.execute("INSERT INTO t VALUES (1)")
            connection.execute("INSERT INTO t VALUES (101)")
            pipeline.sync()
    except errors.UniqueViolation:
        pass
    connection.rollback()
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (50,)


def test_copy_text_and_binary(connection):
    register_vector(connection)
    connection.execute("CREATE TEMP TABLE t (id int, s text, v vector(2))")
    cursor = connection.cursor()
    with cursor.copy("COPY t FROM STDIN") as copy:
        for i in range(1000):
            copy.write_row((i, None if i % 7 == 0 else f"tab\t{i}\n", Vector([i, 0.5])))
    with cursor.copy("COPY t FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4", "text", "vector"])
        for i in range(1000, 2000):
            copy.write_row((i, f"é{i}", Vector([i, 0.25])))
    assert connection.execute("SELECT count(*), count(s), sum(id) FROM t").fetchone() == (2000, 1857, 1999000)
    with cursor.copy("COPY (SELECT id, s, v FROM t WHERE id IN (7, 1001) ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "text", "vector"])
        rows = list(copy.rows())
    assert rows == [(7, None, [7, 0.5]), (1001, "é1001", [1001, 0.25])], rows
    with cursor.copy("COPY (SELECT 'a,b', 1) TO STDOUT (FORMAT csv)") as copy:
        assert b"".join(bytes(part) for part in copy) == b'"a,b",1\n'


def test_copy_errors_leave_the_connection_usable(connection):
    connection.autocommit = True
    connection.execute("CREATE TEMP TABLE t (id int)")

    def bad_row():
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write("1\nx\n2\n")

    e = fails(errors.InvalidTextRepresentation, bad_row, "22P02")
    assert e.diag.context == 'COPY t, line 2, column id: "x"', e.diag.context

    def give_up():
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write("1\n")
            raise KeyError("the client gives up")

    e = fails(errors.QueryCanceled, give_up, "57014")
    assert e.diag.message_primary.startswith("COPY from stdin failed: error from Python: KeyError"), e
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_error_fields(connection):
    connection.autocommit = True
    connection.execute("CREATE TEMP TABLE p (id int PRIMARY KEY, n int NOT NULL CONSTRAINT small CHECK (n < 10))")
    connection.execute("CREATE TEMP TABLE c (pid int CONSTRAINT cfk REFERENCES p)")
    connection.execute("INSERT INTO p VALUES (1, 1)")
    fails(errors.UniqueViolation, lambda: connection.execute("INSERT INTO p VALUES (1, 2)"), "23505",
          constraint_name="p_pkey", table_name="p", message_detail="Key (id)=(1) already exists.", severity_nonlocalized="ERROR")
    fails(errors.NotNullViolation, lambda: connection.execute("INSERT INTO p VALUES (2)"), "23502", column_name="n", table_name="p")
    fails(errors.CheckViolation, lambda: connection.execute("INSERT INTO p VALUES (2, 10)"), "23514", constraint_name="small")
    fails(errors.ForeignKeyViolation, lambda: connection.execute("INSERT INTO c VALUES (9)"), "23503", constraint_name="cfk", table_name="c")
    fails(errors.UndefinedTable, lambda: connection.execute("SELECT * FROM nope"), "42P01", statement_position="15")
    fails(errors.SyntaxError, lambda: connection.execute("SELEC 1"), "42601", statement_position="1")
    fails(errors.UndefinedFunction, lambda: connection.execute("SELECT nofunc(1)"), "42883")


def test_server_side_cursor(connection):
    with connection.cursor("big", scrollable=True) as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT g FROM generate_series(1, 1000) g")
        assert sum(row[0] for row in cursor) == 500500
        cursor.scroll(0, mode="absolute")
        assert cursor.fetchone() == (1,)
    with connection.cursor("held", withhold=True) as cursor:
        cursor.execute("SELECT g FROM generate_series(1, 5) g")
        connection.commit()
        assert cursor.fetchmany(3) == [(1,), (2,), (3,)]


def test_stream(connection):
    assert sum(row[0] for row in connection.cursor().stream("SELECT generate_series(1, 1000)")) == 500500


def test_cancel(connection):
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    fails(errors.QueryCanceled, lambda: connection.execute("SELECT pg_sleep(30)"), "57014",
          message_primary="canceling statement due to user request")
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_names_identifiers_and_rows_as_dictionaries(connection):
    connection.execute(sql.SQL("CREATE TEMP TABLE {} (id int, {} text)").format(sql.Identifier('we"ird'), sql.Identifier("A b")))
    cursor = connection.cursor(row_factory=dict_row)
    cursor.execute(sql.SQL("INSERT INTO {} VALUES (1, {}) RETURNING *").format(sql.Identifier('we"ird'), sql.Literal("it's")))
    assert cursor.fetchone() == {"id": 1, "A b": "it's"}
    assert [(c.name, c.type_code) for c in cursor.description] == [("id", 23), ("A b", 25)]


def test_column_descriptions(connection):
    cursor = connection.execute("SELECT 1.5::numeric(6,2) AS n, 'x'::varchar(7) AS v, now()::timestamp(3) AS t, '[1]'::vector AS e")
    n, v, t, e = cursor.description
    assert (n.precision, n.scale, v.display_size, t.precision) == (6, 2, 7, 3)
    assert e.type_code >= 16384


def test_notices(connection):
    seen = []
    connection.add_notice_handler(lambda diag: seen.append((diag.severity, diag.sqlstate, diag.message_primary)))
    connection.execute("DROP TABLE IF EXISTS nothing_here")
    assert seen == [("NOTICE", "00000", 'table "nothing_here" does not exist, skipping')], seen


def test_isolation_and_read_only_settings(connection):
    connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    connection.read_only = True
    assert connection.execute("SHOW transaction_isolation").fetchone() == ("serializable",)
    fails(errors.ReadOnlySqlTransaction, lambda: connection.execute("CREATE TABLE no (id int)"), "25006")


def test_session_parameters(connection):
    info = connection.info
    assert info.parameter_status("server_version").split(".")[0].isdigit()
    assert info.parameter_status("integer_datetimes") == "on"
    connection.execute("SET TIME ZONE 'Europe/Rome'")
    assert info.parameter_status("TimeZone") == "Europe/Rome"
    connection.rollback()
    assert info.parameter_status("TimeZone") != "Europe/Rome"
    assert info.encoding == "utf-8" and info.server_version >= 150000


def test_rows_affected_and_tags(connection):
    connection.execute("CREATE TEMP TABLE t (id int)")
    cursor = connection.execute("INSERT INTO t SELECT generate_series(1, 10)")
    assert (cursor.rowcount, cursor.statusmessage) == (10, "INSERT 0 10")
    cursor = connection.execute("UPDATE t SET id = id + 1 WHERE id > 5")
    assert (cursor.rowcount, cursor.statusmessage) == (5, "UPDATE 5")
    cursor = connection.execute("DELETE FROM t")
    assert (cursor.rowcount, cursor.statusmessage) == (10, "DELETE 10")


def test_many_parameters_and_large_values(connection):
    values = list(range(1000))
    row = connection.execute("SELECT " + ", ".join(["%s::int"] * 1000), values).fetchone()
    assert list(row) == values
    big = "x" * 5_000_000
    assert connection.execute("SELECT length(%s::text)", [big]).fetchone() == (5_000_000,)


if __name__ == "__main__":
    harness.run(sys.modules[__name__], psycopg.connect, sys.argv[1])
