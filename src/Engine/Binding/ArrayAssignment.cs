using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>
/// <c>SET a[i] = x</c> and <c>SET a[i:j] = y</c> on one-dimensional arrays: the column's new value as an expression over its old one. The array
/// grows where needed, gaps filled with NULL, as in PostgreSQL.
/// </summary>
internal static class ArrayAssignment
{
    /// <summary>The array with one element replaced. Arguments: array (or NULL), subscript, value.</summary>
    public static BoundCall Element(BoundExpression array, BoundExpression subscript, BoundExpression value)
        => new(new Function
        {
            Name = "array_assign",
            Arguments = [array.Type, PgTypes.Int4, array.Type.Element!],
            Result = array.Type,
            IsStrict = false,
            Body = (arguments, site, _) => Assign(arguments[0], arguments[1], arguments[1], [arguments[2]], site.ResultType.Element!),
        }, [array, subscript, value], array.Type);

    /// <summary>The array with a slice replaced. Arguments: array (or NULL), both bounds, an array of the new elements.</summary>
    public static BoundCall Slice(BoundExpression array, BoundExpression lower, BoundExpression upper, BoundExpression values)
        => new(new Function
        {
            Name = "array_assign_slice",
            Arguments = [array.Type, PgTypes.Int4, PgTypes.Int4, array.Type],
            Result = array.Type,
            IsStrict = false,
            Body = (arguments, site, _) => arguments[3].IsNull
                ? arguments[0]
                : Assign(arguments[0], arguments[1], arguments[2], arguments[3].As<PgArray>().Items, site.ResultType.Element!),
        }, [array, lower, upper, values], array.Type);

    static Datum Assign(Datum array, Datum lower, Datum upper, Datum[] values, PgType element)
    {
        if (lower.IsNull || upper.IsNull)
            throw new PgError(SqlState.NullValueNotAllowed, "array subscript in assignment must not be null");
        var (from, to) = (lower.AsInt32, upper.AsInt32);
        if (to < from)
            throw new PgError(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
        if (values.Length < (long)to - from + 1)
            throw new PgError(SqlState.ArraySubscriptError, "source array too small");

        var old = array.IsNull ? null : array.As<PgArray>();
        if (old is { Dimensions: > 1 })
            throw new PgError(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        var (first, count) = old is null or { Dimensions: 0 } ? (from, 0) : (old.LowerBounds[0], old.Lengths[0]);
        var newFirst = count == 0 ? from : Math.Min(first, from);
        var newEnd = Math.Max(count == 0 ? from : (long)first + count, (long)to + 1);
        if (newEnd - newFirst > PgArray.MaxItems)
            throw new PgError(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({PgArray.MaxItems})");

        var items = new Datum[newEnd - newFirst];
        old?.Items.CopyTo(items, first - newFirst);
        Array.Copy(values, 0, items, from - newFirst, to - from + 1);
        return Datum.Of(new PgArray(element, items, newFirst));
    }
}
