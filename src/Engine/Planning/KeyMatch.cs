using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>How a condition bears on a key of an index.</summary>
enum KeyTest { Equal, IsNull, IsNotNull, OneOf, Lower, Upper }

/// <summary>What a condition says of one key of an index.</summary>
/// <param name="Source">The condition itself.</param>
/// <param name="Shown">The condition as EXPLAIN shows it: the key on the left.</param>
/// <param name="Values">Value to search for; for bounds also values for the keys that follow, from a comparison of rows.</param>
/// <param name="Inclusive">Whether a bound itself is wanted.</param>
/// <param name="IsExact">Whether a search by it finds exactly the rows that pass the condition; else they are checked again.</param>
/// <param name="IsSearchable">Whether its value can be a key: a value of a wider type may have no place in the index.</param>
sealed record KeyMatch(KeyTest Test, BoundExpression Source, BoundExpression Shown, ImmutableArray<BoundExpression> Values, bool Inclusive, bool IsExact, bool IsSearchable)
{
    /// <summary>Whether the condition must stand as a filter beside the search, as LIKE does beside the range of its prefix.</summary>
    public bool KeepsFilter { get; init; }

    /// <summary>Adds what the condition says of key number <paramref name="at"/>; nothing when it is about something else.</summary>
    public static void Find(BoundTable table, IndexAccess index, int at, BoundExpression condition, List<KeyMatch> found)
    {
        var key = index.Keys[at];
        switch (condition)
        {
            case BoundColumn or BoundNot { Operand: BoundColumn } when key.Type == PgTypes.Bool:
                Boolean(table, key, condition, found);
                break;
            case BoundNullTest test when IsKey(table, key, test.Operand):
                found.Add(new(test.IsNot ? KeyTest.IsNotNull : KeyTest.IsNull, condition, condition, [], true, true, true));
                break;
            case BoundArrayComparison { IsAll: false, Operator.Strategy: 3 } any
                when IsKey(table, key, any.Left) && KeyTypes.CanHash(key.Type, any.Operator.Right) && IsValue(table, any.Array):
                found.Add(new(KeyTest.OneOf, condition, condition, [any.Array], true, any.Operator.Right == key.Type || key.Type.Category == TypeCategory.String, true));
                break;
            case BoundCall { Operator: { Strategy: > 0 } op, Arguments: [var left, var right] } call:
                if (IsKey(table, key, left) && KeyTypes.CanHash(key.Type, right.Type) && IsValue(table, right))
                    found.Add(Compared(key, call, call, op.Strategy, right));
                else if (IsKey(table, key, right) && KeyTypes.CanHash(key.Type, left.Type) && IsValue(table, left))
                    found.Add(Compared(key, call, Operators.Commuted(call), 6 - op.Strategy, left));
                break;
            case BoundCall { Operator.Name: "~~" or "~" or "^@", Arguments: [var text, var pattern] } call when IsKey(table, key, text) && key.Type.Codec is TextCodec and not BpcharCodec:
                found.AddRange(Prefix(index, at, call, text, pattern));
                break;
            case BoundRowComparison rows:
                found.AddRange(Rows(table, index, at, rows));
                break;
        }
    }

    static void Boolean(BoundTable table, IndexKeyColumn key, BoundExpression condition, List<KeyMatch> found)
    {
        var operand = condition is BoundNot not ? not.Operand : condition;
        if (!IsKey(table, key, operand))
            return;
        var value = new BoundConstant(Datum.Of(condition is BoundColumn), PgTypes.Bool);
        found.Add(new(KeyTest.Equal, condition, Operators.Call("=", operand, value), [value], true, true, true));
    }

    static KeyMatch Compared(IndexKeyColumn key, BoundExpression source, BoundExpression shown, int strategy, BoundExpression value)
    {
        var fits = Fits(key.Type, value);
        var test = strategy == 3 ? KeyTest.Equal : strategy >= 4 ? KeyTest.Lower : KeyTest.Upper;
        return new(test, source, shown, [value], strategy is 2 or 4, fits, fits || test == KeyTest.Equal);
    }

    // LIKE 'abc%' is the range from abc to below abd, in the order of code points, which is the order of all text here.
    static IEnumerable<KeyMatch> Prefix(IndexAccess index, int at, BoundCall call, BoundExpression text, BoundExpression pattern)
    {
        if (pattern is not BoundConstant { Value: { IsNull: false, Reference: string written } })
            yield break;
        var (prefix, isWhole) = call.Operator!.Name switch
        {
            "~~" => TextPrefix.OfLike(written),
            "~" => TextPrefix.OfRegex(written),
            _ => (written, false),
        };
        if (prefix.Length == 0)
            yield break;
        var isPattern = index.Definition.Keys[at].OperatorClass?.EndsWith("_pattern_ops", StringComparison.Ordinal) == true;
        KeyMatch Bound(KeyTest test, string op, string value, bool inclusive)
        {
            var constant = new BoundConstant(Datum.Of(value), PgTypes.Text);
            return new(test, call, Operators.Call(op, text, constant), [constant], inclusive, true, true) { KeepsFilter = true };
        }
        if (isWhole)
        {
            yield return Bound(KeyTest.Equal, "=", prefix, true);
            yield break;
        }
        yield return Bound(KeyTest.Lower, isPattern ? "~>=~" : ">=", prefix, true);
        if (TextPrefix.After(prefix) is { } end)
            yield return Bound(KeyTest.Upper, isPattern ? "~<~" : "<", end, false);
    }

    // (a, b) > (1, 2) over keys a, b of one direction. Checked again: a NULL in b lies in the range too.
    static IEnumerable<KeyMatch> Rows(BoundTable table, IndexAccess index, int at, BoundRowComparison rows)
    {
        if (rows.OperatorName is not ("<" or "<=" or ">" or ">="))
            yield break;
        var count = 0;
        while (count < rows.Left.Length && at + count < index.Keys.Length && index.Keys[at + count] is var key && key.Descending == index.Keys[at].Descending
            && IsKey(table, key, rows.Left[count]) && rows.Right[count] is var value && KeyTypes.CanHash(key.Type, value.Type) && Fits(key.Type, value) && IsValue(table, value))
            count++;
        if (count == 0)
            yield break;
        var isWhole = count == rows.Left.Length;
        var test = rows.OperatorName[0] == '>' ? KeyTest.Lower : KeyTest.Upper;
        BoundExpression shown = isWhole ? rows
            : count == 1 ? Operators.Call(rows.OperatorName[..1] + "=", rows.Left[0], rows.Right[0])
            : rows with { OperatorName = rows.OperatorName[..1] + "=", Left = rows.Left[..count], Right = rows.Right[..count], Operators = rows.Operators[..count], Equalities = rows.Equalities[..count] };
        yield return new(test, rows, shown, rows.Right[..count], !isWhole || rows.OperatorName.Length == 2, !isWhole, true) { KeepsFilter = !isWhole };
    }

    /// <summary>
    /// Whether every value of the expression is also one of the key's type, so that the key's bytes stand for it. int4 = int8 and
    /// real = double may look for a value the key cannot hold.
    /// </summary>
    static bool Fits(PgType key, BoundExpression value) => (key.Codec, value.Type.Codec) switch
    {
        (IntegerCodec, IntegerCodec) => value.Type.Length <= key.Length || (value is BoundConstant { Value.IsNull: false } constant
            && constant.Value.AsInt64 == (key.Length == 2 ? constant.Value.AsInt16 : constant.Value.AsInt32)),
        (Float4Codec, Float8Codec) => false,
        _ => true,
    };

    public static bool IsKey(BoundTable table, IndexKeyColumn key, BoundExpression expression)
    {
        while (expression is BoundRelabel relabel && relabel.Type.Codec.GetType() == relabel.Operand.Type.Codec.GetType())
            expression = relabel.Operand;
        while (key.Expression is null && expression is BoundRelabel { Type.Codec: TextCodec, Operand.Type.Codec: VarcharCodec } varchar)
            expression = varchar.Operand;
        return key.Expression is null
            ? expression is BoundColumn column && column.Relation == table.Id && column.Column == key.Column
            : BoundTree.Same(expression, IndexPath.Over(table, key.Expression));
    }

    /// <summary>Whether an expression has one value for the whole scan.</summary>
    static bool IsValue(BoundTable table, BoundExpression expression)
        => expression is BoundConstant or BoundParameter
            || (!QueryTree.Reads(expression, table.Id) && !QueryTree.IsVolatile(expression));
}
