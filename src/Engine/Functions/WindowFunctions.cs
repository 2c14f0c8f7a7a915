using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>row_number, rank and kin, lag and lead, first_value, last_value, nth_value.</summary>
static class WindowFunctions
{
    public static readonly FunctionTable Table = new(
    [
        Window("row_number", PgTypes.Int8, [], row => Datum.Of(row.Current + 1L)),
        Window("rank", PgTypes.Int8, [], row => Datum.Of(row.PeersStart + 1L)),
        Window("dense_rank", PgTypes.Int8, [], row => Datum.Of(row.Group + 1L)),
        Window("percent_rank", PgTypes.Float8, [], row => Datum.Of(row.PartitionRows <= 1 ? 0.0 : (double)row.PeersStart / (row.PartitionRows - 1))),
        Window("cume_dist", PgTypes.Float8, [], row => Datum.Of((double)row.PeersEnd / row.PartitionRows)),
        Window("ntile", PgTypes.Int4, [PgTypes.Int4], Ntile),
        Window("lag", PgTypes.AnyElement, [PgTypes.AnyElement], row => Neighbour(row, -1, Datum.Null)),
        Window("lag", PgTypes.AnyElement, [PgTypes.AnyElement, PgTypes.Int4], row => Neighbour(row, -1, row.Argument(1, row.Current), Datum.Null)),
        Window("lag", PgTypes.AnyCompatible, [PgTypes.AnyCompatible, PgTypes.Int4, PgTypes.AnyCompatible],
            row => Neighbour(row, -1, row.Argument(1, row.Current), row.Argument(2, row.Current))),
        Window("lead", PgTypes.AnyElement, [PgTypes.AnyElement], row => Neighbour(row, 1, Datum.Null)),
        Window("lead", PgTypes.AnyElement, [PgTypes.AnyElement, PgTypes.Int4], row => Neighbour(row, 1, row.Argument(1, row.Current), Datum.Null)),
        Window("lead", PgTypes.AnyCompatible, [PgTypes.AnyCompatible, PgTypes.Int4, PgTypes.AnyCompatible],
            row => Neighbour(row, 1, row.Argument(1, row.Current), row.Argument(2, row.Current))),
        Window("first_value", PgTypes.AnyElement, [PgTypes.AnyElement], row => InFrame(row, 1)),
        Window("last_value", PgTypes.AnyElement, [PgTypes.AnyElement], LastInFrame),
        Window("nth_value", PgTypes.AnyElement, [PgTypes.AnyElement, PgTypes.Int4], NthValue),
    ]);

    static Function Window(string name, PgType result, PgType[] arguments, Func<WindowRow, Datum> value) => new()
    {
        Name = name,
        Arguments = arguments,
        Result = result,
        Kind = FunctionKind.Window,
        NewWindow = _ => new PerRow(value),
    };

    sealed class PerRow(Func<WindowRow, Datum> value) : WindowFunction
    {
        public override Datum Evaluate(WindowRow row) => value(row);
    }

    static Datum Ntile(WindowRow row)
    {
        var argument = row.Argument(0, row.Current);
        if (argument.IsNull)
            return argument;
        if (argument.AsInt64 <= 0)
            throw new PgError("22014", "argument of ntile must be greater than zero");
        // The first (rows mod n) buckets have one row more than the others.
        long buckets = argument.AsInt64, small = row.PartitionRows / buckets, larger = row.PartitionRows % buckets;
        var inLarger = larger * (small + 1);
        return Datum.Of(row.Current < inLarger ? row.Current / (small + 1) + 1 : larger + (row.Current - inLarger) / Math.Max(1, small) + 1);
    }

    static Datum Neighbour(WindowRow row, int direction, Datum offset, Datum otherwise)
        => offset.IsNull ? Datum.Null : Neighbour(row, direction * offset.AsInt64, otherwise);

    static Datum Neighbour(WindowRow row, long distance, Datum otherwise)
    {
        var target = row.Current + distance;
        return target < 0 || target >= row.PartitionRows ? otherwise : row.Argument(0, (int)target);
    }

    static Datum NthValue(WindowRow row)
    {
        var n = row.Argument(1, row.Current);
        if (n.IsNull)
            return n;
        return n.AsInt64 <= 0 ? throw new PgError("22016", "argument of nth_value must be greater than zero") : InFrame(row, n.AsInt64);
    }

    /// <summary>The first argument for the n-th row of the frame, from 1.</summary>
    static Datum InFrame(WindowRow row, long n)
    {
        for (var i = row.FrameStart; i < row.FrameEnd; i++)
        {
            if (!row.IsExcluded(i) && --n == 0)
                return row.Argument(0, i);
        }
        return Datum.Null;
    }

    static Datum LastInFrame(WindowRow row)
    {
        for (var i = row.FrameEnd - 1; i >= row.FrameStart; i--)
        {
            if (!row.IsExcluded(i))
                return row.Argument(0, i);
        }
        return Datum.Null;
    }
}
