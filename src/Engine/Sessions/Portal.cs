using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// A bound statement, able to stop half way: Bind's portals and DECLAREd cursors. Rows it has given may be kept for scrolling back.
/// </summary>
public sealed class Portal(string name, PreparedStatement statement, Datum[] parameters, IReadOnlyList<WireFormat> formats) : IDisposable
{
    RowSource? _rows;
    Snapshot? _snapshot;
    ExecutionState? _state;
    IEnumerator<Datum[]>? _held;

    public string Name { get; } = name;
    public PreparedStatement Statement { get; } = statement;
    public Datum[] Parameters { get; } = parameters;
    public IReadOnlyList<WireFormat> Formats { get; } = formats;

    /// <summary>Whether its plan is running.</summary>
    public bool IsOpen => _rows is not null;
    public bool IsDone { get; set; }

    /// <summary>Whether an error, its own or one that ended its transaction, has stopped it for good.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Rows that INSERT, UPDATE or DELETE has changed, once it is done.</summary>
    public long RowsAffected { get; set; }

    /// <summary>Whether it has begun; a statement that returns no rows runs once.</summary>
    public bool HasRun { get; set; }

    /// <summary>Command tag of a utility statement that has run.</summary>
    public string? UtilityTag { get; set; }

    /// <summary>Its place in the order in which the session made its portals, from 1.</summary>
    public long Number { get; set; }

    // Cursors
    public bool IsCursor { get; init; }
    public bool IsScrollable { get; init; }
    public bool IsHoldable { get; init; }
    public bool IsBinary { get; init; }
    public long CreatedAt { get; init; }

    /// <summary>Rows read so far, kept when the cursor can go back (or outlives its transaction); null otherwise.</summary>
    public List<Datum[]>? Kept { get; set; }

    /// <summary>Whether all rows were read into <see cref="Kept"/>: a cursor WITH HOLD after its transaction.</summary>
    public bool IsMaterialized { get; set; }

    /// <summary>Position of a cursor: 0 before the first row, n on row n, one past the last behind it.</summary>
    public long Position { get; set; }

    /// <summary>The row a cursor stands on, with its hidden column; null before the first and behind the last.</summary>
    public Datum[]? At { get; set; }

    public ExecutionState State => _state!;

    /// <summary>What EXPLAIN ANALYZE wants measured; null otherwise.</summary>
    public PlanStatistics? Statistics { get; init; }

    /// <summary>EXECUTE's portal for the statement it runs.</summary>
    public Portal? Inner { get; set; }

    /// <summary>Starts the plan. The portal owns rows and snapshot from here on.</summary>
    public void Open(RowSource rows, ExecutionState state, Snapshot snapshot) => (_rows, _state, _snapshot) = (rows, state, snapshot);

    /// <summary>
    /// Runs the plan to its end and keeps its rows, to be given one by one: what changes rows has changed them all before the first of its
    /// rows goes out.
    /// </summary>
    public void RunAhead()
    {
        var rows = new RowList(State, Statement.Columns!.Count);
        while (_rows!.MoveNext())
            rows.Add(_rows.Current[..rows.Width]);
        _held = Enumerable.Range(0, rows.Count).Select(row => rows[row].ToArray()).GetEnumerator();
    }

    /// <summary>Keeps rows that a utility statement has made, to be given one by one.</summary>
    public void Hold(List<Datum[]> rows) => _held = OneByOne(rows);

    // Begun with the first row: the list is still being filled when it is handed over.
    static IEnumerator<Datum[]> OneByOne(List<Datum[]> rows)
    {
        foreach (var row in rows) yield return row;
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool MoveNext() => _held is not null ? _held.MoveNext() : _rows is not null && _rows.MoveNext();

    public ReadOnlySpan<Datum> Current => _held is not null ? _held.Current : _rows!.Current;

    /// <summary>Raises 55000 when an error has stopped it.</summary>
    public void RequireNotFailed()
    {
        if (HasFailed)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"portal \"{Name}\" cannot be run");
    }

    /// <summary>Stops it for good.</summary>
    public void Fail()
    {
        HasFailed = true;
        Dispose();
    }

    /// <summary>Ends the plan and gives its snapshot back; rows kept stay.</summary>
    public void Dispose()
    {
        Inner?.Dispose();
        _held?.Dispose();
        _held = null;
        _rows?.Dispose();
        _rows = null;
        _snapshot?.Dispose();
        _snapshot = null;
        _state = null;
    }
}
