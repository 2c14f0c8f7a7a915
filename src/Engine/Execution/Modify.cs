using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>What ON CONFLICT does. Evaluators see the row as it is (with its ctid), then the row proposed.</summary>
/// <param name="Arbiters">Indexes whose keys decide.</param>
/// <param name="SetColumns">For DO UPDATE: the columns to set; null for DO NOTHING.</param>
internal sealed record ConflictPlan(ImmutableArray<BTreeAccess> Arbiters, int[]? SetColumns, Evaluator[] SetValues, Evaluator? Where);

/// <summary>
/// INSERT, UPDATE or DELETE: takes the rows of its source and writes them, all of them before the first RETURNING row is given, so that a
/// client that stops reading leaves nothing half done.
/// </summary>
internal sealed record ModifyNode : PlanNode
{
    public required PlanNode Source { get; init; }
    public required StoredTable Table { get; init; }
    public required string Alias { get; init; }
    public required string Verb { get; init; }

    /// <summary>What the rows hold that Recheck, SetValues and Returning read: the target's columns, its ctid, then others'.</summary>
    public required ImmutableArray<PlanColumn> Layout { get; init; }

    /// <summary>The target's system columns but ctid: their places in the layout, and which they are. Of a row written they say what became of it.</summary>
    public required (int Position, int Column)[] SystemColumns { get; init; }

    public required Evaluator[] Returning { get; init; }

    /// <summary>WITH CHECK OPTION of views, for the rows as they have become.</summary>
    public required (string View, Evaluator Condition)[] Checks { get; init; }

    /// <summary>UPDATE and DELETE: the WHERE, for rows that were changed meanwhile.</summary>
    public Evaluator? Recheck { get; init; }

    /// <summary>UPDATE: the columns to set; null for DELETE and INSERT.</summary>
    public int[]? SetColumns { get; init; }
    public Evaluator[] SetValues { get; init; } = [];

    public ConflictPlan? Conflict { get; init; }

    public override string Title => Verb;
    public override PlanTarget Target => PlanTarget.Of(Table.Relation, Alias);

    /// <summary>What RETURNING gives, for EXPLAIN.</summary>
    public required ImmutableArray<BoundExpression> Outputs { get; init; }

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
    {
        if (Conflict is null) yield break;
        yield return ("Conflict Resolution", Conflict.SetColumns is null ? "NOTHING" : "UPDATE");
        if (!Conflict.Arbiters.IsEmpty)
            yield return ("Conflict Arbiter Indexes", (IReadOnlyList<string>)[.. Conflict.Arbiters.Select(arbiter => Quote.Name(arbiter.Definition.Name))]);
    }

    public override IEnumerable<PlanNode> Children => [Source];

    public override RowSource Open(ExecutionState state) => new ModifySource(this, state);
}

/// <summary>A running <see cref="ModifyNode"/>.</summary>
internal sealed class ModifySource(ModifyNode node, ExecutionState state) : RowSource
{
    readonly TableWriter _writer = new(node.Table, state);
    readonly int _width = node.Table.Width;
    readonly RowList _returned = new(state, node.Returning.Length);
    long _affected;
    int _next = -1;

    public override ReadOnlySpan<Datum> Current => _returned[_next - 1];

    public override bool MoveNext()
    {
        if (_next < 0)
        {
            Run();
            _next = 0;
        }
        if (_next == _returned.Count) return false;
        _next++;
        return true;
    }

    public override void Reset() => throw new System.Diagnostics.UnreachableException("a data-modifying statement runs once");

    void Run()
    {
        state.Session.Block!.ChangedTables.Add(node.Table.Rows.Id);
        using var source = node.Source.Start(state);
        var sinceCheck = 0;
        while (source.MoveNext())
        {
            if (++sinceCheck % 256 == 0) state.ThrowIfCancelled();
            switch (node.Verb)
            {
                case "Insert":
                    Insert(source.Current);
                    break;
                case "Update":
                    Change(source.Current.ToArray(), isUpdate: true);
                    break;
                default:
                    Change(source.Current.ToArray(), isUpdate: false);
                    break;
            }
        }
        state.RowsAffected = _affected;
        state.Statistics?.Of(node).Blocks += _writer.Blocks;
    }

    void Return(ReadOnlySpan<Datum> row)
    {
        _affected++;
        if (node.Returning.Length == 0) return;
        var values = new Datum[node.Returning.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = node.Returning[i].Evaluate(row, state);
        _returned.Add(values);
    }

    /// <summary>Raises 44000 for a row that a view with CHECK OPTION would not show.</summary>
    void CheckViews(ReadOnlySpan<Datum> row)
    {
        foreach (var (view, condition) in node.Checks)
            if (!condition.IsTrue(row, state))
                throw new PgError(SqlState.WithCheckOptionViolation, $"new row violates check option for view \"{view}\"") { Detail = _writer.FailingRow(row[.._width].ToArray()) };
    }

    // ---- INSERT

    void Insert(ReadOnlySpan<Datum> given)
    {
        var values = given.ToArray();
        _writer.Check(values);
        if (node.Conflict is null)
            ReturnInserted(values, _writer.Insert(values));
        else
            InsertOrResolve(values, node.Conflict);
    }

    void ReturnInserted(Datum[] values, RowId row)
    {
        var inserted = new Datum[node.Layout.Length];
        values.CopyTo(inserted, 0);
        inserted[_width] = Datum.Of(StoredTable.ToTid(row));
        ReturnWritten(inserted);
    }

    /// <summary>Returns a row as it has become by this command.</summary>
    void ReturnWritten(Datum[] row)
    {
        foreach (var (position, column) in node.SystemColumns)
            row[position] = StoredRowDecoder.System(column, state.Transaction!.Id, node.Table.Relation.Oid);
        CheckViews(row);
        Return(row);
    }

    void InsertOrResolve(Datum[] values, ConflictPlan conflict)
    {
        foreach (var arbiter in conflict.Arbiters)
            _writer.RequireImmediate(arbiter);
        while (true)
        {
            RowId? existing = null;
            foreach (var arbiter in conflict.Arbiters)
                if ((existing = _writer.FindConflict(arbiter, values)) is not null) break;

            if (existing is null)
            {
                if (!_writer.TryInsert(values, conflict.Arbiters, out var row)) continue;
                ReturnInserted(values, row);
                return;
            }
            if (conflict.SetColumns is null)
            {
                RequireVisible(existing.Value);
                return;
            }
            if (UpdateConflicting(existing.Value, values, conflict)) return;
        }
    }

    /// <summary>From REPEATABLE READ up, DO NOTHING must not give way to a row that the transaction cannot see. Raises 40001.</summary>
    void RequireVisible(RowId row)
    {
        if (node.Table.Rows.TryRead(row, state.Snapshot, out _)) return;
        node.Table.Rows.TryReadNewest(row, out _, out var newest);
        if (newest.Writer?.Transaction != state.Transaction)
            RowConflicts.RequireReadCommitted(state.Session, "update");
    }

    /// <summary>DO UPDATE of an existing row; false when it is gone by now and the insert must be tried again.</summary>
    bool UpdateConflicting(RowId row, Datum[] proposed, ConflictPlan conflict)
    {
        var transaction = state.Transaction!;
        using var snapshot = transaction.TakeSnapshot();
        var outcome = transaction.LockRow(node.Table.Rows, row, snapshot, RowLockMode.Update);
        switch (outcome.Status)
        {
            case WriteStatus.Busy:
                Sessions.StatementLocks.WaitFor(state.Session, outcome.Blocker, "locking tuple", row, node.Table.Relation.Name);
                return false;
            case WriteStatus.ChangedSince or WriteStatus.DeletedSince:
                return false;
            case WriteStatus.SelfModified:
                throw TwiceAffected();
        }
        // A row this very command wrote is not in any snapshot of it.
        if (!node.Table.Rows.TryRead(row, snapshot, out var view))
            throw TwiceAffected();
        if (!node.Table.Rows.TryRead(row, state.Snapshot, out _))
            RowConflicts.RequireReadCommitted(state.Session, "update");

        var current = new Datum[_width + 1 + _width];
        node.Table.AllColumns.Decode(view, current);
        current[_width] = Datum.Of(StoredTable.ToTid(row));
        proposed.CopyTo(current.AsSpan(_width + 1));
        if (conflict.Where is not null && !conflict.Where.IsTrue(current, state)) return true;

        var updated = current[.._width];
        for (var i = 0; i < conflict.SetColumns!.Length; i++)
            updated[conflict.SetColumns[i]] = conflict.SetValues[i].Evaluate(current, state);
        _writer.Check(updated);
        if (_writer.Update(row, snapshot, current[.._width], updated).Status != WriteStatus.Done)
            throw TwiceAffected();
        var result = new Datum[node.Layout.Length];
        updated.CopyTo(result, 0);
        result[_width] = current[_width];
        ReturnWritten(result);
        return true;
    }

    static PgError TwiceAffected() => new(SqlState.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")
    {
        Hint = "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    };

    // ---- UPDATE and DELETE

    void Change(Datum[] row, bool isUpdate)
    {
        var id = StoredTable.FromTid(row[_width].AsInt64);
        var snapshot = state.Snapshot;
        Snapshot? newer = null;
        var line = new RowLine(state.Session, node.Table.Relation, id, isUpdate ? RowLockMode.NoKeyUpdate : RowLockMode.Update, isUpdate ? "updating tuple" : "deleting tuple");
        try
        {
            while (true)
            {
                var old = row[.._width];
                Datum[]? values = null;
                if (isUpdate)
                {
                    values = row[.._width];
                    for (var i = 0; i < node.SetColumns!.Length; i++)
                        values[node.SetColumns[i]] = node.SetValues[i].Evaluate(row, state);
                    _writer.Check(values);
                }

                var result = isUpdate ? _writer.Update(id, snapshot, old, values!) : _writer.Delete(id, snapshot, old);
                switch (result.Status)
                {
                    case WriteStatus.Done:
                        if (state.Crosscheck is { } crosscheck && !node.Table.Rows.TryRead(id, crosscheck, out _))
                            RowConflicts.RequireReadCommitted(state.Session, "update");
                        values?.CopyTo(row, 0);
                        if (isUpdate) ReturnWritten(row);
                        else Return(row);
                        return;
                    case WriteStatus.SelfModified:
                        // A join gave the row twice: the first change counts.
                        return;
                    case WriteStatus.Busy:
                        line.WaitFor(result);
                        continue;
                    case WriteStatus.DeletedSince:
                        RowConflicts.RequireReadCommitted(state.Session, "delete");
                        return;
                    default:
                        RowConflicts.RequireReadCommitted(state.Session, "update");
                        newer?.Dispose();
                        snapshot = newer = state.Transaction!.TakeSnapshot();
                        if (!node.Table.Rows.TryRead(id, snapshot, out var view)) return;
                        node.Table.AllColumns.Decode(view, row);
                        if (node.Recheck is not null && !node.Recheck.IsTrue(row, state)) return;
                        continue;
                }
            }
        }
        finally
        {
            newer?.Dispose();
            line.Dispose();
        }
    }
}
