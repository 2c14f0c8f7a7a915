"""psycopg 2: values are written into the statement by the client; results are text."""

import datetime as dt
import decimal
import io
import sys
import threading
import uuid

import psycopg2
import psycopg2.extensions
import psycopg2.extras
from psycopg2 import errors, sql

import harness
from harness import fails


def execute(connection, statement, values=None):
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return cursor


def one(connection, statement, values=None):
    return execute(connection, statement, values).fetchone()


def register_vector(connection):
    cursor = execute(connection, "SELECT typname, oid FROM pg_type WHERE oid IN (to_regtype('vector'), to_regtype('_vector'))")
    oids = dict(cursor.fetchall())
    vector = psycopg2.extensions.new_type(
        (oids["vector"],), "VECTOR", lambda text, _: None if text is None else [float(x) for x in text[1:-1].split(",")])
    psycopg2.extensions.register_type(vector, connection)
    psycopg2.extensions.register_type(psycopg2.extensions.new_array_type((oids["_vector"],), "VECTORARRAY", vector), connection)


def test_types_both_ways(connection):
    psycopg2.extras.register_uuid(conn_or_curs=connection)
    values = [
        True, -5, 2**62, 2.5, decimal.Decimal("12345.6789"), "it's \\ naïve 日本", "", dt.date(2024, 2, 29), dt.time(1, 2, 3, 4),
        dt.datetime(2024, 1, 2, 3, 4, 5, 6), dt.timedelta(days=-1, seconds=5), [1, 2, None], ["a,b", '"', "NULL"],
        uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), None,
    ]
    for value in values:
        got = one(connection, "SELECT %s", (value,))[0]
        assert got == value, f"{got!r}, not {value!r}"
    assert bytes(one(connection, "SELECT %s", (psycopg2.Binary(b"\x00\xff\\"),))[0]) == b"\x00\xff\\"
    assert one(connection, "SELECT %s::jsonb", (psycopg2.extras.Json({"a": [1, None]}),))[0] == {"a": [1, None]}
    moment = dt.datetime(2024, 7, 1, 12, tzinfo=dt.timezone.utc)
    assert one(connection, "SELECT %s", (moment,))[0] == moment


def test_vectors(connection):
    register_vector(connection)
    execute(connection, "CREATE TEMP TABLE items (id int, v vector(3))")
    execute(connection, "INSERT INTO items VALUES (1, %s), (2, %s), (3, NULL)", ("[1,2,3]", "[4,5,6.5]"))
    rows = execute(connection, "SELECT v FROM items ORDER BY id").fetchall()
    assert rows == [([1, 2, 3],), ([4, 5, 6.5],), (None,)], rows
    assert one(connection, "SELECT id FROM items ORDER BY v <-> %s LIMIT 1", ("[4,5,6]",)) == (2,)
    assert one(connection, "SELECT ARRAY['[1,2]'::vector, '[3,4]']")[0] == [[1, 2], [3, 4]]


def test_transactions_and_savepoints(connection):
    execute(connection, "CREATE TEMP TABLE t (id int PRIMARY KEY)")
    connection.commit()
    execute(connection, "INSERT INTO t VALUES (1)")
    execute(connection, "SAVEPOINT s")
    fails(errors.UniqueViolation, lambda: execute(connection, "INSERT INTO t VALUES (1)"), "23505", constraint_name="t_pkey", table_name="t")
    assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_INERROR
    execute(connection, "ROLLBACK TO SAVEPOINT s")
    connection.commit()
    with connection:
        execute(connection, "INSERT INTO t VALUES (2)")
    connection.rollback()
    assert execute(connection, "SELECT id FROM t ORDER BY id").fetchall() == [(1,), (2,)]


def test_autocommit_and_isolation(connection):
    connection.set_session(isolation_level="SERIALIZABLE", readonly=True)
    assert one(connection, "SHOW transaction_isolation") == ("serializable",)
    connection.rollback()
    connection.set_session(isolation_level="READ COMMITTED", readonly=False, autocommit=True)
    execute(connection, "CREATE TEMP TABLE t (id int)")
    assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE


def test_execute_values_and_batch(connection):
    execute(connection, "CREATE TEMP TABLE t (id int, s text)")
    cursor = connection.cursor()
    psycopg2.extras.execute_values(cursor, "INSERT INTO t VALUES %s", [(i, f"s{i}") for i in range(1000)], page_size=300)
    psycopg2.extras.execute_batch(cursor, "UPDATE t SET s = %s WHERE id = %s", [("u", i) for i in range(100)], page_size=30)
    assert one(connection, "SELECT count(*), count(*) FILTER (WHERE s = 'u') FROM t") == (1000, 100)


def test_prepared_statements_in_sql(connection):
    execute(connection, "PREPARE q (int) AS SELECT $1 + 1")
    for i in range(5):
        assert one(connection, "EXECUTE q (%s)", (i,)) == (i + 1,)
    execute(connection, "DEALLOCATE q")


def test_copy(connection):
    execute(connection, "CREATE TEMP TABLE t (id int, s text)")
    cursor = connection.cursor()
    cursor.copy_from(io.StringIO("1\ta\n2\t\\N\n"), "t")
    cursor.copy_expert("COPY t FROM STDIN WITH (FORMAT csv)", io.StringIO('3,"x,y"\n'))
    out = io.StringIO()
    cursor.copy_to(out, "t")
    assert out.getvalue() == "1\ta\n2\t\\N\n3\tx,y\n", out.getvalue()
    out = io.StringIO()
    cursor.copy_expert("COPY (SELECT id FROM t ORDER BY id DESC) TO STDOUT (FORMAT csv, HEADER)", out)
    assert out.getvalue() == "id\n3\n2\n1\n"
    fails(errors.InvalidTextRepresentation, lambda: cursor.copy_from(io.StringIO("x\ty\n"), "t"), "22P02")


def test_server_side_cursor(connection):
    with connection.cursor("named") as cursor:
        cursor.itersize = 50
        cursor.execute("SELECT g FROM generate_series(1, 500) g")
        assert sum(row[0] for row in cursor) == 125250
    with connection.cursor("scroller", scrollable=True) as cursor:
        cursor.execute("SELECT g FROM generate_series(1, 10) g")
        cursor.scroll(5)
        assert cursor.fetchone() == (6,)
        cursor.scroll(0, mode="absolute")
        assert cursor.fetchone() == (1,)


def test_errors(connection):
    connection.autocommit = True
    fails(errors.UndefinedColumn, lambda: execute(connection, "SELECT nope"), "42703", statement_position="8")
    fails(errors.SyntaxError, lambda: execute(connection, "SELECT FROM WHERE"), "42601")
    fails(errors.DivisionByZero, lambda: execute(connection, "SELECT 1/0"), "22012")
    fails(errors.DataException, lambda: execute(connection, "SELECT '[1,2]'::vector <-> '[1]'"), "22000",
          message_primary="different vector dimensions 2 and 1")


def test_several_statements_return_the_last_result(connection):
    assert one(connection, "SELECT 1; SELECT 2") == (2,)


def test_notices(connection):
    execute(connection, "DROP TABLE IF EXISTS nothing_here")
    assert connection.notices[-1] == 'NOTICE:  table "nothing_here" does not exist, skipping\n', connection.notices


def test_cancel(connection):
    threading.Timer(0.3, connection.cancel).start()
    fails(errors.QueryCanceled, lambda: execute(connection, "SELECT pg_sleep(30)"), "57014")
    connection.rollback()
    assert one(connection, "SELECT 1") == (1,)


def test_identifiers_and_dictionaries(connection):
    cursor = connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
    cursor.execute(sql.SQL("SELECT 1 AS {}, {} AS b").format(sql.Identifier('A "q"'), sql.Literal("it's")))
    assert dict(cursor.fetchone()) == {'A "q"': 1, "b": "it's"}
    description = execute(connection, "SELECT 1::int8 AS a, 1.5::numeric(5,1) AS n, 'x'::varchar(9) AS v").description
    assert [(c.name, c.type_code) for c in description] == [("a", 20), ("n", 1700), ("v", 1043)]
    assert (description[1].precision, description[1].scale) == (5, 1)


def test_reset_and_parameters(connection):
    execute(connection, "SET work_mem = '9MB'")
    connection.commit()
    connection.reset()
    assert one(connection, "SHOW work_mem") == ("4MB",)
    assert connection.get_parameter_status("client_encoding") == "UTF8"
    assert connection.server_version >= 150000


if __name__ == "__main__":
    psycopg2.extras.register_uuid()
    harness.run(sys.modules[__name__], psycopg2.connect, sys.argv[1])
