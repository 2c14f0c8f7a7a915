using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// What foreign keys make of the changes to one table: checks and actions, queued while the statement runs and done when it ends (or at
/// commit, for deferred ones). They are SQL of our own, as in PostgreSQL.
/// </summary>
internal sealed class ForeignKeys
{
    readonly Session _session;
    readonly CatalogSnapshot _catalog;
    readonly Relation _table;
    readonly List<Constraint> _own;
    readonly List<(Relation Table, Constraint Key)> _incoming;
    readonly int[] _livePosition;

    public ForeignKeys(StoredTable table, Session session)
    {
        _session = session;
        _table = table.Relation;
        _catalog = session.Block!.Catalog.Snapshot;
        _livePosition = table.Shape.LivePositions;
        _own = [.. _table.Constraints.Where(static constraint => constraint.Kind == ConstraintKind.ForeignKey)];
        _incoming = [.. _catalog.ForeignKeysTo(_table.Oid)];
    }

    int Position(short number) => _livePosition[number - 1];

    Datum[] Values(IEnumerable<short> columns, Datum[] row) => [.. columns.Select(column => row[Position(column)])];

    public void Inserted(Datum[] row)
    {
        foreach (var key in _own)
            CheckParent(key, row);
    }

    public void Updated(Datum[] old, Datum[] row, bool[] unchanged)
    {
        foreach (var key in _own)
            if (key.Columns.Any(column => !unchanged[Position(column)]))
                CheckParent(key, row);
        foreach (var (child, key) in _incoming)
            if (key.ReferencedColumns.Any(column => !unchanged[Position(column)]))
                ParentGone(child, key, key.OnUpdate, Values(key.ReferencedColumns, old), Values(key.ReferencedColumns, row));
    }

    public void Deleted(Datum[] old)
    {
        foreach (var (child, key) in _incoming)
            ParentGone(child, key, key.OnDelete, Values(key.ReferencedColumns, old), null);
    }

    // ---- The referencing side

    void CheckParent(Constraint key, Datum[] row)
    {
        var values = Values(key.Columns, row);
        var nulls = values.Count(value => value.IsNull);
        if (nulls > 0)
        {
            if (key.MatchFull && nulls < values.Length)
                throw new PgError(SqlState.ForeignKeyViolation, $"insert or update on table \"{_table.Name}\" violates foreign key constraint \"{key.Name}\"")
                {
                    Detail = "MATCH FULL does not allow mixing of null and nonnull key values.",
                    Schema = _catalog.SchemaName(_table.Schema),
                    Table = _table.Name,
                    Constraint = key.Name,
                };
            return;
        }
        _session.Block!.Defer(key, _table.Oid, () => RequireParent(key, values));
    }

    void RequireParent(Constraint key, Datum[] values)
    {
        var parent = Current(key.ReferencedTable);
        if (parent is null || !StillThere(key, values)) return;
        var columns = key.ReferencedColumns.Select(number => parent.Columns[number - 1]).ToList();
        var sql = $"SELECT 1 FROM ONLY {Name(parent)} x WHERE {Conditions(columns)} FOR KEY SHARE OF x";
        if (_session.RunInternal(sql, [.. key.Columns.Select(number => _table.Columns[number - 1].Type)], values, inSnapshot: true) > 0) return;
        throw new PgError(SqlState.ForeignKeyViolation, $"insert or update on table \"{_table.Name}\" violates foreign key constraint \"{key.Name}\"")
        {
            Detail = $"Key ({Names(key.Columns, _table)})=({Show(values, key.Columns, _table)}) is not present in table \"{parent.Name}\".",
            Schema = _catalog.SchemaName(_table.Schema),
            Table = _table.Name,
            Constraint = key.Name,
        };
    }

    /// <summary>A deferred check counts only while a row still has the key.</summary>
    bool StillThere(Constraint key, Datum[] values)
    {
        if (!key.IsDeferrable) return true;
        var columns = key.Columns.Select(number => _table.Columns[number - 1]).ToList();
        return _session.RunInternal($"SELECT 1 FROM ONLY {Name(_table)} x WHERE {Conditions(columns)} LIMIT 1", [.. columns.Select(column => column.Type)], values) > 0;
    }

    // ---- The referenced side

    void ParentGone(Relation child, Constraint key, ForeignKeyAction action, Datum[] old, Datum[]? replacement)
    {
        if (System.Array.Exists(old, value => value.IsNull)) return;
        var columns = key.Columns.Select(number => child.Columns[number - 1]).ToList();
        var types = key.ReferencedColumns.Select(number => _table.Columns[number - 1].Type).ToArray();
        switch (action)
        {
            case ForeignKeyAction.NoAction:
                _session.Block!.Defer(key, _table.Oid, () => RequireNoChild(child, key, columns, types, old));
                break;
            case ForeignKeyAction.Restrict:
                _session.Block!.AfterStatement(() => RequireNoChild(child, key, columns, types, old));
                break;
            case ForeignKeyAction.Cascade when replacement is null:
                Queue($"DELETE FROM ONLY {Name(child)} x WHERE {Conditions(columns)}", types, old);
                break;
            case ForeignKeyAction.Cascade:
                var set = string.Join(", ", columns.Select((column, i) => $"{Identifier.Quote(column.Name)} = ${i + 1 + old.Length}"));
                Queue($"UPDATE ONLY {Name(child)} x SET {set} WHERE {Conditions(columns)}", [.. types, .. types], [.. old, .. replacement]);
                break;
            default:
                var targets = replacement is null && !key.SetColumns.IsEmpty ? columns.Where(column => key.SetColumns.Contains(column.Number)) : columns;
                var word = action == ForeignKeyAction.SetNull ? "NULL" : "DEFAULT";
                Queue($"UPDATE ONLY {Name(child)} x SET {string.Join(", ", targets.Select(column => $"{Identifier.Quote(column.Name)} = {word}"))} WHERE {Conditions(columns)}", types, old);
                // The default may be the very key that went.
                if (action == ForeignKeyAction.SetDefault)
                    _session.Block!.AfterStatement(() => RequireNoChild(child, key, columns, types, old));
                break;
        }
    }

    void Queue(string sql, PgType[] types, Datum[] values) => _session.Block!.AfterStatement(() => _session.RunInternal(sql, types, values));

    void RequireNoChild(Relation child, Constraint key, List<Column> columns, PgType[] types, Datum[] old)
    {
        if (Current(child.Oid) is null) return;
        // A row with the key may be back (NO ACTION looks only when the statement is over).
        if (key.OnDelete != ForeignKeyAction.Restrict)
        {
            var own = key.ReferencedColumns.Select(number => _table.Columns[number - 1]).ToList();
            if (_session.RunInternal($"SELECT 1 FROM ONLY {Name(_table)} x WHERE {Conditions(own)} FOR KEY SHARE OF x", types, old) > 0) return;
        }
        if (_session.RunInternal($"SELECT 1 FROM ONLY {Name(child)} x WHERE {Conditions(columns)} FOR KEY SHARE OF x", types, old) == 0) return;
        throw new PgError(SqlState.ForeignKeyViolation, $"update or delete on table \"{_table.Name}\" violates foreign key constraint \"{key.Name}\" on table \"{child.Name}\"")
        {
            Detail = $"Key ({Names(key.ReferencedColumns, _table)})=({Show(old, key.ReferencedColumns, _table)}) is still referenced from table \"{child.Name}\".",
            Schema = _catalog.SchemaName(child.Schema),
            Table = child.Name,
            Constraint = key.Name,
        };
    }

    // ---- Text

    Relation? Current(uint oid) => _session.Block!.Catalog.Snapshot.Find<Relation>(oid);

    string Name(Relation relation) => Identifier.Quote(_session.Block!.Catalog.Snapshot.SchemaName(relation.Schema), relation.Name);

    static string Conditions(List<Column> columns) => string.Join(" AND ", columns.Select((column, i) => $"x.{Identifier.Quote(column.Name)} = ${i + 1}"));

    static string Names(IEnumerable<short> columns, Relation table) => string.Join(", ", columns.Select(number => table.Columns[number - 1].Name));

    string Show(Datum[] values, IReadOnlyList<short> columns, Relation table)
        => string.Join(", ", values.Select((value, i) => value.IsNull ? "null" : table.Columns[columns[i] - 1].Type.Codec.ToText(value, _session.TypeSettings)));
}
