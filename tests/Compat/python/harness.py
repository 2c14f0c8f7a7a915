"""A test is a function named test_*; it gets a fresh connection and fails by raising."""

import sys
import traceback


def run(module, connect, url):
    passed = failed = 0
    for name, test in list(vars(module).items()):
        if not name.startswith("test_"):
            continue
        connection = connect(url)
        try:
            test(connection)
            passed += 1
        except Exception:
            failed += 1
            print(f"--- {name}")
            traceback.print_exc(file=sys.stdout)
        finally:
            connection.close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def fails(error, action, sqlstate, **fields):
    """Runs the action, which must raise this error with this SQLSTATE and these diagnostic fields."""
    try:
        action()
    except error as e:
        diag = e.diag
        assert diag.sqlstate == sqlstate, f"SQLSTATE {diag.sqlstate}, not {sqlstate}: {e}"
        for field, value in fields.items():
            assert getattr(diag, field) == value, f"{field} is {getattr(diag, field)!r}, not {value!r}"
        return e
    raise AssertionError(f"nothing raised; expected {sqlstate}")
