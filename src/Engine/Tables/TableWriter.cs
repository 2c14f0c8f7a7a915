using System.Text;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Writes rows of one table in one statement: rules, row image, index entries, and the work that foreign keys and deferred constraints
/// leave for later. INSERT, UPDATE, DELETE and COPY all write through it.
/// </summary>
#pragma warning disable CA1001 // The state opens nothing of its own: rules have no subqueries.
internal sealed class TableWriter
#pragma warning restore CA1001
{
    readonly StoredTable _table;
    readonly Session _session;
    readonly Transaction _transaction;
    readonly ExecutionState _state;
    readonly RowEncoder _encoder;
    readonly ByteWriter _key = new();
    readonly ByteWriter _otherKey = new();
    readonly ForeignKeys _foreignKeys;
    readonly bool[] _unchanged;
    readonly Serializability.SerializableTransaction? _serial;

    /// <summary>Rows and index entries written so far (<see cref="Statistics.Blocks"/>).</summary>
    public long Blocks { get; private set; }

    public TableWriter(StoredTable table, ExecutionState statement)
    {
        _table = table;
        _session = statement.Session;
        _transaction = statement.Transaction!;
        _state = new ExecutionState(_session, _transaction, statement.Snapshot, [], table.Rules.Slots, statement.Cancellation);
        _encoder = new RowEncoder(table.Shape);
        _foreignKeys = new ForeignKeys(table, _session);
        _unchanged = new bool[table.Width];
        _serial = statement.Session.Block!.Serial;
    }

    // ---- Rules

    /// <summary>Fills generated columns and checks NOT NULL and CHECK. Raises 23502 and 23514.</summary>
    public void Check(Datum[] values)
    {
        foreach (var (column, value) in _table.Rules.Generated)
            values[column] = value.Evaluate(values, _state);
        foreach (var column in _table.Rules.NotNull)
            if (values[column].IsNull)
                throw new PgError(SqlState.NotNullViolation, $"null value in column \"{_table.Column(column).Name}\" of relation \"{_table.Relation.Name}\" violates not-null constraint")
                {
                    Detail = FailingRow(values),
                    Schema = SchemaName,
                    Table = _table.Relation.Name,
                    Column = _table.Column(column).Name,
                };
        foreach (var (name, condition) in _table.Rules.Checks)
        {
            var holds = condition.Evaluate(values, _state);
            if (!holds.IsNull && !holds.AsBool)
                throw new PgError(SqlState.CheckViolation, $"new row for relation \"{_table.Relation.Name}\" violates check constraint \"{name}\"")
                {
                    Detail = FailingRow(values),
                    Schema = SchemaName,
                    Table = _table.Relation.Name,
                    Constraint = name,
                };
        }
    }

    string SchemaName => _session.Block!.Catalog.Snapshot.SchemaName(_table.Relation.Schema);

    /// <summary>PostgreSQL's limit for one value in this DETAIL.</summary>
    const int ShownCharacters = 64;

    /// <summary>A row in the DETAIL of an error.</summary>
    public string FailingRow(Datum[] values)
    {
        var text = new StringBuilder("Failing row contains (");
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0) text.Append(", ");
            var value = values[i].IsNull ? "null" : _table.Column(i).Type.Codec.ToText(values[i], _session.TypeSettings);
            text.Append(value.Length > ShownCharacters ? value[..ShownCharacters] + "..." : value);
        }
        return text.Append(").").ToString();
    }

    // ---- INSERT

    /// <summary>Inserts a checked row. Raises 23505.</summary>
    public RowId Insert(Datum[] values)
    {
        var row = InsertRow(values);
        foreach (var index in _table.Trees)
            if (!TryAddEntry(index, values, row, out var error))
                throw error;
        AddVectors(row);
        NoteWrite(null, values);
        _foreignKeys.Inserted(values);
        return row;
    }

    /// <summary>Inserts a checked row unless an arbiter index has its key; false then, with nothing left behind.</summary>
    public bool TryInsert(Datum[] values, IReadOnlyList<BTreeAccess> arbiters, out RowId row)
    {
        var before = _transaction.CreateSavepoint();
        row = InsertRow(values);
        foreach (var index in _table.Trees)
        {
            if (TryAddEntry(index, values, row, out var error)) continue;
            if (!arbiters.Contains(index)) throw error;
            _transaction.RollbackTo(before);
            _transaction.Release(before);
            return false;
        }
        _transaction.Release(before);
        AddVectors(row);
        NoteWrite(null, values);
        _foreignKeys.Inserted(values);
        return true;
    }

    void AddVectors(RowId row)
    {
        var trees = _table.VectorTrees.All;
        _table.VectorTrees.Written.Note(row);
        if (trees.Length == 0 || !_table.Rows.TryReadNewest(row, out var written, out _)) return;
        foreach (var tree in trees)
            tree.Added(written);
    }

    RowId InsertRow(Datum[] values)
    {
        _encoder.Encode(values);
        _table.Activity.CountInsert();
        Blocks++;
        return _transaction.Insert(_table.Rows, _encoder.Image, _encoder.Vectors);
    }

    /// <summary>A live row with the same key in a unique index; null when there is none. Waits for writers in progress.</summary>
    public RowId? FindConflict(BTreeAccess index, Datum[] values)
    {
        if (!index.TryKey(values, _key, out var hasNull) || (hasNull && !index.Definition.NullsNotDistinct)) return null;
        var key = _key.Written.ToArray();
        var end = IndexKeyFormat.After(key);
        _serial?.ReadRange(_table.Relation.Oid, index.Definition.Oid, key, end);
        var batch = new Indexes.BTree.BTreeBatch();
        while (true)
        {
            RowHolder? blocker = null;
            index.Tree.ReadForward(key, new(long.MinValue), end, batch);
            RowId? found = null;
            for (var i = 0; i < batch.Count && found is null && blocker is null; i++)
                if (batch.Key(i).SequenceEqual(key) && Holds(index, key, batch.Row(i), out blocker) && blocker is null)
                    found = batch.Row(i);
            if (blocker is null) return found;
            StatementLocks.WaitFor(_session, blocker.Value);
        }
    }

    bool TryAddEntry(BTreeAccess index, Datum[] values, RowId row, out PgError error)
    {
        error = null!;
        if (!index.TryKey(values, _key, out var hasNull)) return true;
        index.CountWritten();
        Blocks++;
        if (!index.IsUnique || (hasNull && !index.Definition.NullsNotDistinct))
        {
            AddEntry(index, row);
            return true;
        }

        var constraint = DeferrableConstraint(index);
        if (constraint is not null)
        {
            AddEntry(index, row);
            // Of two that meet, the one that came later looks again.
            if (MayConflict(index, _key.Written.ToArray(), row))
            {
                var kept = (Datum[])values.Clone();
                _session.Block!.Defer(constraint, _table.Relation.Oid, () => RecheckUnique(index, kept, row));
            }
            return true;
        }

        while (true)
        {
            RowHolder? blocker = null;
            var key = _key.Written.ToArray();
            lock (_session.Cluster.Tables.RowLock(row))
                if (index.Tree.TryInsert(key, row, other => Holds(index, key, other, out blocker)))
                    return true;
            if (blocker is null)
            {
                // A duplicate that comes of a read that is out of date is a serialization failure.
                NoteWrite(null, values);
                error = Duplicate(index, values);
                return false;
            }
            StatementLocks.WaitFor(_session, blocker.Value, "inserting index tuple", row, index.Definition.Name);
        }
    }

    // The row's lock keeps this apart from the removal of an equal entry that an older version leaves (TableRegistry).
    void AddEntry(BTreeAccess index, RowId row)
    {
        lock (_session.Cluster.Tables.RowLock(row))
            index.Tree.Insert(_key.Written, row);
    }

    bool MayConflict(BTreeAccess index, byte[] key, RowId row)
    {
        var batch = new Indexes.BTree.BTreeBatch();
        index.Tree.ReadForward(key, new(long.MinValue), IndexKeyFormat.After(key), batch);
        for (var i = 0; i < batch.Count; i++)
            if (batch.Row(i) != row && batch.Key(i).SequenceEqual(key) && Holds(index, key, batch.Row(i), out _))
                return true;
        return batch.IsFull;
    }

    /// <summary>Raises 55000 for an arbiter of ON CONFLICT whose constraint can be deferred.</summary>
    public void RequireImmediate(BTreeAccess arbiter)
    {
        if (DeferrableConstraint(arbiter) is { } constraint)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters")
            {
                Schema = SchemaName,
                Table = _table.Relation.Name,
                Constraint = constraint.Name,
            };
    }

    Constraint? DeferrableConstraint(BTreeAccess index)
        => index.Definition.ConstraintOid == 0 ? null
            : _table.Relation.Constraints.FirstOrDefault(constraint => constraint.Oid == index.Definition.ConstraintOid && constraint.IsDeferrable);

    void RecheckUnique(BTreeAccess index, Datum[] values, RowId row)
    {
        if (!index.TryKey(values, _key, out _)) return;
        var key = _key.Written.ToArray();
        // A row that is gone by now, or has another key, is no one's duplicate.
        if (!_table.Rows.TryReadNewest(row, out var own, out var state) || state.Status is RowStatus.Deleting or RowStatus.Deleted || !index.TryKey(own, _otherKey) || !_otherKey.Written.SequenceEqual(key)) return;
        if (FindConflictOtherThan(index, key, row))
            throw Duplicate(index, values);
    }

    bool FindConflictOtherThan(BTreeAccess index, byte[] key, RowId row)
    {
        var batch = new Indexes.BTree.BTreeBatch();
        while (true)
        {
            RowHolder? blocker = null;
            index.Tree.ReadForward(key, new(long.MinValue), IndexKeyFormat.After(key), batch);
            for (var i = 0; i < batch.Count && blocker is null; i++)
                if (batch.Row(i) != row && batch.Key(i).SequenceEqual(key) && Holds(index, key, batch.Row(i), out blocker) && blocker is null)
                    return true;
            if (blocker is null) return false;
            StatementLocks.WaitFor(_session, blocker.Value, "inserting index tuple", row, index.Definition.Name);
        }
    }

    /// <summary>Whether a row keeps others from having a key: it has it, or will have it when another transaction ends one way (then the blocker).</summary>
    bool Holds(BTreeAccess index, ReadOnlySpan<byte> key, RowId row, out RowHolder? blocker)
    {
        blocker = null;
        var hasView = _table.Rows.TryReadNewest(row, out var view, out var state);
        switch (state.Status)
        {
            case RowStatus.Committed:
                return HasKey(index, key, view);
            case RowStatus.Writing when state.Writer?.Transaction == _transaction:
                return HasKey(index, key, view);
            case RowStatus.Deleting when state.Writer?.Transaction == _transaction:
                return false;
            case RowStatus.Writing or RowStatus.Deleting:
                var concerned = (hasView && HasKey(index, key, view)) || (_table.Rows.TryReadCommitted(row, out var committed) && HasKey(index, key, committed));
                blocker = concerned ? state.Writer : null;
                return concerned;
            default:
                return false;
        }
    }

    bool HasKey(BTreeAccess index, ReadOnlySpan<byte> key, RowView view) => index.TryKey(view, _otherKey) && _otherKey.Written.SequenceEqual(key);

    PgError Duplicate(BTreeAccess index, Datum[] values)
    {
        return new PgError(SqlState.UniqueViolation, $"duplicate key value violates unique constraint \"{index.Definition.Name}\"")
        {
            Detail = $"Key ({index.KeyNames(_table)})=({index.ShowKey(values, _session.TypeSettings)}) already exists.",
            Schema = SchemaName,
            Table = _table.Relation.Name,
            Constraint = index.Definition.Name,
        };
    }

    // ---- UPDATE and DELETE

    /// <summary>Replaces a row version by a checked one. Other results than Done leave everything as it was.</summary>
    public WriteResult Update(RowId row, Snapshot snapshot, Datum[] old, Datum[] values)
    {
        var keyChanged = false;
        for (var i = 0; i < values.Length; i++)
        {
            _unchanged[i] = SameValue(old[i], values[i], _table.Column(i).Type);
            keyChanged |= !_unchanged[i] && _table.IsKey(i);
        }
        _encoder.Encode(values, _unchanged);

        var result = _transaction.Update(_table.Rows, row, snapshot, _encoder.Image, _encoder.Vectors, keyChanged);
        if (result.Status != WriteStatus.Done) return result;
        var isInPlace = true;
        foreach (var index in _table.Trees)
        {
            if (!IsAffected(index))
                continue;
            isInPlace = false;
            if (!TryAddEntry(index, values, row, out var error))
                throw error;
        }
        _table.Activity.CountUpdate(isInPlace);
        Blocks++;
        UpdateVectors(row);
        NoteWrite(old, values);
        _foreignKeys.Updated(old, values, _unchanged);
        return WriteResult.Done;
    }

    bool IsAffected(BTreeAccess index) => index.Columns.Any(column => !_unchanged[column]);

    void UpdateVectors(RowId row)
    {
        _table.VectorTrees.Written.Note(row);
        foreach (var tree in _table.VectorTrees.All)
            foreach (var column in tree.Access.Columns)
                if (!_unchanged[column])
                {
                    if (_table.Rows.TryReadNewest(row, out var written, out _)) tree.Added(written);
                    break;
                }
    }

    static bool SameValue(Datum old, Datum value, PgType type)
        => old.IsNull ? value.IsNull
            : !value.IsNull && (old.IsInBits ? old.AsInt64 == value.AsInt64
                : ReferenceEquals(old.Reference, value.Reference) || StoredEqual(old, value, type));

    // Values that compare equal may differ in form (1.0 and 1.00): what is stored decides.
    static bool StoredEqual(Datum old, Datum value, PgType type)
    {
        var left = new ByteWriter();
        var right = new ByteWriter();
        type.Codec.WriteStored(old, left);
        type.Codec.WriteStored(value, right);
        return left.Written.SequenceEqual(right.Written);
    }

    public WriteResult Delete(RowId row, Snapshot snapshot, Datum[] old)
    {
        var result = _transaction.Delete(_table.Rows, row, snapshot);
        if (result.Status != WriteStatus.Done) return result;
        _table.Activity.CountDelete();
        Blocks++;
        NoteWrite(old, null);
        _foreignKeys.Deleted(old);
        return result;
    }

    /// <summary>Tells SERIALIZABLE of a row's change: its values before and after; null when there are none. Raises 40001.</summary>
    void NoteWrite(Datum[]? before, Datum[]? after)
    {
        if (_serial is null) return;
        _serial.Write(_table.Relation.Oid, [.. _table.Trees.Select(index => (index.Definition.Oid, KeyOf(index, before), KeyOf(index, after)))]);
    }

    byte[]? KeyOf(BTreeAccess index, Datum[]? values) => values is not null && index.TryKey(values, _key, out _) ? _key.Written.ToArray() : null;
}
