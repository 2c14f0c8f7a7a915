using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Explain;

/// <summary>Prints bound expressions the way PostgreSQL's EXPLAIN does: every operator in parentheses, constants with their types.</summary>
/// <param name="isVerbose">Whether every column stands with its relation, as under VERBOSE.</param>
public sealed class BoundExpressionPrinter(PlanNames names, bool isVerbose = false)
{
    public IReadOnlyList<string> PrintKeys(IEnumerable<BoundSortKey> keys)
        => [.. keys.Select(key => (IsPlain(key.Expression) ? Print(key.Expression) : $"({Print(key.Expression)})")
            + (key.Descending ? " DESC" : "")
            + (key.NullsFirst == key.Descending ? "" : key.NullsFirst ? " NULLS FIRST" : " NULLS LAST"))];

    // A key that the node below computes stands in parentheses of its own.
    bool IsPlain(BoundExpression key)
        => key is BoundColumn column ? names.Expression(new(column.Relation, column.Column)) is not { } computed || IsPlain(computed) : key is BoundConstant;

    string? _own;
    bool _isOutput;

    /// <summary>An entry of an Output line, where VERBOSE adds no relation.</summary>
    public string PrintOutput(BoundExpression expression)
    {
        _isOutput = true;
        var text = Print(expression);
        _isOutput = false;
        return text;
    }

    /// <summary>A condition of a scan: the columns of its own relation, named by its alias, stand without it.</summary>
    public string PrintOf(string alias, BoundExpression expression)
    {
        _own = alias;
        var text = Print(expression);
        _own = null;
        return text;
    }

    public string Print(BoundExpression expression) => expression switch
    {
        BoundConstant e => Constant(e),
        BoundParameter e => $"${e.Number}",
        BoundColumn e => Column(e),
        BoundCall e => Call(e),
        BoundLogical e => "(" + string.Join(e.IsAnd ? " AND " : " OR ", e.Operands.Select(Print)) + ")",
        BoundNot e => $"(NOT {Print(e.Operand)})",
        BoundNullTest e => $"({Print(e.Operand)} IS {(e.IsNot ? "NOT " : "")}NULL)",
        BoundBooleanTest e => $"({Print(e.Operand)} IS {(e.IsNot ? "NOT " : "")}{e.Expected switch { true => "TRUE", false => "FALSE", null => "UNKNOWN" }})",
        BoundDistinct e => $"({Print(e.Left)} IS {(e.IsNot ? "NOT " : "")}DISTINCT FROM {Print(e.Right)})",
        BoundNullIf e => $"NULLIF({Print(e.Left)}, {Print(e.Right)})",
        BoundCase e => "CASE" + string.Concat(e.Branches.Select(branch => $" WHEN {Print(branch.Condition)} THEN {Print(branch.Result)}"))
            + (e.Default is null ? "" : $" ELSE {Print(e.Default)}") + " END",
        BoundCoalesce e => $"COALESCE({List(e.Arguments)})",
        BoundMinMax e => $"{(e.IsGreatest ? "GREATEST" : "LEAST")}({List(e.Arguments)})",
        BoundArray e => $"ARRAY[{List(e.Elements)}]",
        BoundRow e => $"ROW({List(e.Fields)})",
        BoundField e => $"({Print(e.Operand)}).{Quote.Name(e.Name)}",
        BoundSubscript e => Print(e.Operand) + string.Concat(e.Subscripts.Select(s => s.IsSlice ? $"[{Optional(s.Lower)}:{Optional(s.Upper)}]" : $"[{Optional(s.Upper ?? s.Lower)}]")),
        BoundArrayComparison e => $"({Print(e.Left)} {e.Operator.Name} {(e.IsAll ? "ALL" : "ANY")} ({Print(e.Array)}))",
        BoundRowComparison e => $"(ROW({List(e.Left)}) {e.OperatorName} ROW({List(e.Right)}))",
        BoundIoCast e => Cast(e.Operand, e.Type, e.Typmod),
        BoundRelabel e => Cast(e.Operand, e.Type, e.Typmod),
        BoundTypmodCast e => Cast(e.Source, e.Type, e.Typmod),
        BoundArrayCast e => Cast(e.Operand, e.Type, e.Typmod),
        BoundDomainCast e => Cast(e.Operand, e.Type, e.Typmod),
        BoundWithInput e => Print(e.Body),
        BoundCaseInput => "CASE_TEST_EXPR",
        BoundAggregate e => Aggregate(e),
        BoundGrouping e => $"GROUPING({List(e.Columns)})",
        BoundWindowCall e => $"{Quote.Name(e.Function.Name)}({(e.IsStar ? "*" : List(e.Arguments))}) OVER (?)",
        BoundSetCall e => $"{Quote.Name(e.Function.Name)}({List(e.Arguments)})",
        BoundSubquery e => names.Subquery(e) ?? "(SubPlan)",
        _ => "DEFAULT",
    };

    string List(IEnumerable<BoundExpression> expressions) => string.Join(", ", expressions.Select(Print));
    string Optional(BoundExpression? expression) => expression is null ? "" : Print(expression);

    string Column(BoundColumn column)
    {
        if (names.Expression(new(column.Relation, column.Column)) is { } computed)
            return Print(computed);
        var name = Quote.Name(column.Name);
        var isQualified = isVerbose && !_isOutput;
        return (names.Qualify || isQualified) && names.Alias(column.Relation) is { } alias && (isQualified || alias != _own) ? $"{Quote.Name(alias)}.{name}" : name;
    }

    string Call(BoundCall call)
    {
        if (call.Operator is { } op)
            return call.Arguments.Length == 1 ? $"({op.Name} {Print(call.Arguments[0])})" : $"({Print(call.Arguments[0])} {op.Name} {Print(call.Arguments[1])})";
        if (call.IsCast)
            return Cast(call.Arguments[0], call.Type, call.Typmod);
        return $"{Quote.Name(call.Function.Name)}({List(call.Arguments)})";
    }

    string Cast(BoundExpression operand, PgType type, int typmod)
    {
        var text = Print(operand);
        return $"{(text.StartsWith('(') && text.EndsWith(')') ? text : $"({text})")}::{type.Format(typmod)}";
    }

    string Aggregate(BoundAggregate e)
    {
        var arguments = e.IsStar ? "*" : (e.IsDistinct ? "DISTINCT " : "") + List(e.Arguments);
        var order = e.OrderWithin.IsEmpty ? "" : $" ORDER BY {string.Join(", ", PrintKeys(e.OrderWithin))}";
        var filter = e.Filter is null ? "" : $" FILTER (WHERE {Print(e.Filter)})";
        return $"{Quote.Name(e.Function.Name)}({arguments}{order}){filter}";
    }

    static string Constant(BoundConstant constant)
    {
        var type = constant.Type;
        if (constant.Value.IsNull)
            return $"NULL::{type.Format(constant.Typmod)}";
        var text = type.Codec.ToText(constant.Value, TypeSettings.Default);
        return type.Name switch
        {
            "bool" => text == "t" ? "true" : "false",
            "int4" when text[0] != '-' => text,
            "numeric" when char.IsAsciiDigit(text[0]) => text,
            // Without quotes it would mean bit(1).
            "bit" when constant.Typmod < 0 => $"'{text}'::\"bit\"",
            _ => $"'{text.Replace("'", "''")}'::{type.Format(constant.Typmod)}",
        };
    }
}
