using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>DECLARE, FETCH, MOVE and CLOSE.</summary>
internal static class CursorStatements
{
    public static string Declare(Sql.DeclareCursorStatement e, UtilityCall call)
    {
        var session = call.Session;
        if (!e.WithHold && !call.Block.IsExplicit && !call.Runner.IsPartOfMany)
            throw new PgError(SqlState.NoActiveSqlTransaction, "DECLARE CURSOR can only be used in transaction blocks");
        var prepared = WithRowIds(e, call);
        if (prepared is null)
            call.Runner.Analyze(prepared = Prepare(e.Query, e, call, rowTable: 0));
        var width = prepared.Columns!.Count;
        var portal = new Portal(e.Name, prepared, call.Parameters, e.IsBinary ? [.. Enumerable.Repeat(WireFormat.Binary, width)] : [])
        {
            IsCursor = true,
            IsScrollable = e.IsScroll ?? true,
            IsHoldable = e.WithHold,
            IsBinary = e.IsBinary,
            CreatedAt = session.StatementTimestamp,
            Kept = e.IsScroll == false && !e.WithHold ? null : [],
        };
        session.Portals.Add(portal);
        call.Runner.Open(portal);
        return "DECLARE CURSOR";
    }

    static PreparedStatement Prepare(Sql.Query query, Sql.DeclareCursorStatement e, UtilityCall call, uint rowTable)
        => new(e.Name, call.Portal.Statement.Text, new Sql.QueryStatement(query, e.Position), call.Portal.Statement.Parameters) { RowTable = rowTable };

    /// <summary>
    /// The query with the ctid of its one table as a further column, which clients do not see, for WHERE CURRENT OF; null when its rows are not
    /// rows of one table.
    /// </summary>
    static PreparedStatement? WithRowIds(Sql.DeclareCursorStatement e, UtilityCall call)
    {
        if (e.Query is not Sql.SelectQuery { IsDistinct: false, With: null, GroupBy.IsEmpty: true, Having: null, Into: null, From: [Sql.TableReference reference] } select
            || call.Context.Names.FindRelation(reference.Name) is not Catalog.Relation { Kind: Catalog.RelationKind.Table } table)
            return null;
        var ctid = new Sql.ColumnReference([reference.Alias?.Name ?? reference.Name.Name, "ctid"], 0);
        var prepared = Prepare(select with { Targets = select.Targets.Add(new(ctid, null, 0)) }, e, call, table.Oid);
        try
        {
            call.Runner.Analyze(prepared);
            return prepared;
        }
        catch (PgError)
        {
            // An aggregate without GROUP BY, or an error that the query has by itself.
            return null;
        }
    }

    public static string Fetch(Sql.FetchStatement e, UtilityCall call)
    {
        var cursor = call.Session.Portals.Find(e.Cursor) ?? throw new PgError(SqlState.InvalidCursorName, $"cursor \"{e.Cursor}\" does not exist");
        if (cursor.Statement.Columns is null)
            throw new PgError(SqlState.InvalidCursorState, $"cursor \"{e.Cursor}\" cannot be fetched from");
        cursor.RequireNotFailed();
        try
        {
            return $"{(e.IsMove ? "MOVE" : "FETCH")} {Read(cursor, e, call)}";
        }
        catch
        {
            cursor.Fail();
            throw;
        }
    }

    static long Read(Portal cursor, Sql.FetchStatement e, UtilityCall call)
    {
        var columns = cursor.Statement.Columns!;
        if (!cursor.IsOpen && !cursor.IsMaterialized && !cursor.IsDone)
            call.Runner.Open(cursor);

        if (!e.IsMove)
            call.BeginRows(columns, cursor.IsCursor && call.Describe ? cursor.Formats : call.Portal.Formats);
        return new CursorReader(cursor).Fetch(e.Direction, e.Count, row =>
        {
            if (!e.IsMove) call.SendRow(row, columns.Count);
        });
    }

    public static string Close(Sql.CloseStatement e, UtilityCall call)
    {
        if (e.Cursor is null)
        {
            foreach (var cursor in call.Session.Portals.Cursors.ToList())
                call.Session.Portals.Close(cursor.Name);
            return "CLOSE CURSOR ALL";
        }
        return call.Session.Portals.Close(e.Cursor) ? "CLOSE CURSOR"
            : throw new PgError(SqlState.InvalidCursorName, $"cursor \"{e.Cursor}\" does not exist");
    }
}
