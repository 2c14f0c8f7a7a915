using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// Moves a cursor by FETCH's directions. A cursor that may go back keeps the rows it has read; one declared NO SCROLL keeps none and
/// only goes forward.
/// </summary>
internal sealed class CursorReader(Portal cursor)
{
    /// <summary>Reads all rows that are left into the portal, so that it needs its plan no more.</summary>
    public static void Materialize(Portal cursor)
    {
        cursor.Kept ??= [];
        while (cursor.IsOpen && ReadOne(cursor)) { }
        cursor.IsMaterialized = true;
        cursor.Dispose();
    }

    static bool ReadOne(Portal cursor)
    {
        if (!cursor.IsOpen) return false;
        if (!cursor.MoveNext())
        {
            cursor.IsDone = true;
            cursor.Dispose();
            return false;
        }
        cursor.Kept?.Add(cursor.Current.ToArray());
        return true;
    }

    /// <summary>Gives the rows of one FETCH to <paramref name="sink"/> and returns how many. Raises 55000 for going back in a NO SCROLL cursor.</summary>
    public long Fetch(Sql.FetchDirection direction, long count, Action<Datum[]> sink)
    {
        var given = Move(direction, count, row =>
        {
            cursor.At = row;
            sink(row);
        });
        if (_hasLeft) cursor.At = null;
        return given;
    }

    // Whether the last step led before the first row or behind the last.
    bool _hasLeft;

    long Move(Sql.FetchDirection direction, long count, Action<Datum[]> sink)
    {
        switch (direction)
        {
            case Sql.FetchDirection.Forward:
                return count >= 0 ? Forward(count, sink) : Backward(-count, sink);
            case Sql.FetchDirection.Backward:
                return count >= 0 ? Backward(count, sink) : Forward(-count, sink);
            case Sql.FetchDirection.Absolute:
                if (count < 0)
                {
                    Forward(long.MaxValue, _ => { });
                    return One(cursor.Position + count, sink);
                }
                return One(count, sink);
            default:
                return One(cursor.Position + count, sink);
        }
    }

    long Forward(long count, Action<Datum[]> sink)
    {
        if (count == 0)
            return cursor.Position > 0 && Row(cursor.Position) is { } current ? Give(current, sink) : 0;
        long given = 0;
        while (given < count && Advance() is { } row)
        {
            sink(row);
            given++;
        }
        _hasLeft = given < count;
        return given;
    }

    long Backward(long count, Action<Datum[]> sink)
    {
        if (count == 0)
            return Forward(0, sink);
        RequireScroll();
        long given = 0;
        while (given < count && cursor.Position > 0)
        {
            cursor.Position--;
            if (cursor.Position == 0) break;
            sink(cursor.Kept![(int)cursor.Position - 1]);
            given++;
        }
        _hasLeft = cursor.Position == 0;
        return given;
    }

    /// <summary>Puts the cursor on row <paramref name="target"/> and gives it, when there is one.</summary>
    long One(long target, Action<Datum[]> sink)
    {
        if (target < cursor.Position)
        {
            RequireScroll();
            cursor.Position = Math.Max(0, target);
            _hasLeft = cursor.Position == 0;
            return cursor.Position > 0 ? Give(cursor.Kept![(int)cursor.Position - 1], sink) : 0;
        }
        if (target == cursor.Position)
            return Forward(0, sink);
        Datum[]? row = null;
        while (cursor.Position < target && (row = Advance()) is not null) { }
        _hasLeft = row is null;
        return row is null ? 0 : Give(row, sink);
    }

    Datum[]? Advance()
    {
        if (cursor.Kept is { } kept && cursor.Position < kept.Count)
            return kept[(int)cursor.Position++];
        if (cursor.Kept is null && cursor.IsOpen && cursor.MoveNext())
        {
            cursor.Position++;
            return cursor.Current.ToArray();
        }
        if (cursor.Kept is not null && ReadOne(cursor))
            return cursor.Kept[(int)cursor.Position++];
        if (cursor.Kept is { } all && cursor.Position == all.Count)
            cursor.Position++;
        return null;
    }

    Datum[]? Row(long position) => cursor.Kept is { } kept && position <= kept.Count ? kept[(int)position - 1] : null;

    static long Give(Datum[] row, Action<Datum[]> sink)
    {
        sink(row);
        return 1;
    }

    void RequireScroll()
    {
        if (cursor.Kept is null)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward") { Hint = "Declare it with SCROLL option to enable backward scan." };
    }
}
