using System.Collections.Immutable;
using System.Globalization;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Gives every name in an expression a meaning and every node a type.</summary>
/// <param name="scope">Names visible here.</param>
/// <param name="clause">
/// Where aggregates, window functions and set-returning functions may not stand, the clause to name in the error
/// (<c>WHERE</c>, <c>JOIN conditions</c>); null where they may.
/// </param>
public sealed partial class ExpressionBinder(BindingContext context, Scope scope, string? clause = null)
{
    /// <summary>The clause that may have set-returning functions, of those in which there are no aggregates.</summary>
    public const string FunctionsInFrom = "functions in FROM";

    readonly Coercion _coercion = context.Coercion;
    readonly OverloadResolver _overloads = context.Overloads;

    /// <summary>The clause in which aggregates are being bound already: they do not nest.</summary>
    bool _insideAggregate;

    public Coercion Coercion => _coercion;

    /// <summary>Binds an expression kept as text (a default, a check) and coerces it to <paramref name="type"/>.</summary>
    public BoundExpression BindText(string sql, PgType type, int typmod = -1)
        => _coercion.Coerce(Bind(context.Catalog.Parsed(sql)), type, typmod, CastContext.Assignment, 0);

    /// <summary>A condition for the clause named.</summary>
    public BoundExpression BindCondition(Sql.Expression syntax, string name) => _coercion.ToBoolean(Bind(syntax), name, Sql.Location.Of(syntax));

    /// <summary>A value with a known type: what is left unknown becomes text.</summary>
    public BoundExpression BindResolved(Sql.Expression syntax) => _coercion.ResolveUnknown(Bind(syntax));

    public BoundExpression Bind(Sql.Expression syntax)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return syntax switch
        {
            Sql.IntegerConstant e => new BoundConstant(Datum.Of((long)e.Value), PgTypes.Int4, -1, e.Position),
            Sql.BigintConstant e => new BoundConstant(Datum.Of(e.Value), PgTypes.Int8, -1, e.Position),
            Sql.NumericConstant e => new BoundConstant(PgTypes.Numeric.Codec.Parse(e.Text, -1, context.Settings), PgTypes.Numeric, -1, e.Position),
            Sql.StringConstant e => new BoundConstant(Datum.Of(e.Value), PgTypes.Unknown, -1, e.Position),
            Sql.BitStringConstant e => BitString(e),
            Sql.BooleanConstant e => new BoundConstant(Datum.Of(e.Value), PgTypes.Bool, -1, e.Position),
            Sql.NullConstant e => new BoundConstant(Datum.Null, PgTypes.Unknown, -1, e.Position),
            Sql.DefaultExpression e => throw PgError.Syntax("DEFAULT is not allowed in this context", e.Position),
            Sql.ColumnReference e => Noted(e, Column(e)),
            Sql.StarExpression e => throw PgError.Syntax("row expansion via \"*\" is not supported here", e.Position),
            Sql.FieldStar e => throw PgError.Syntax("row expansion via \"*\" is not supported here", e.Position),
            Sql.ParameterExpression e => context.Parameter(e.Number, e.Position),
            Sql.FieldSelection { Field: SearchAndCycle.Depth } e => new BoundField(Bind(e.Operand), 0, "depth", PgTypes.Int8),
            Sql.FieldSelection e => Field(Bind(e.Operand), e.Field, e.Position),
            Sql.SubscriptExpression e => Subscripts(e),
            Sql.UnaryOperator e => Unary(e),
            Sql.BinaryOperator e => Binary(e),
            Sql.AndExpression e => Logical(true, e.Terms, "AND"),
            Sql.OrExpression e => Logical(false, e.Terms, "OR"),
            Sql.NotExpression e => new BoundNot(_coercion.ToBoolean(Bind(e.Operand), "NOT", Sql.Location.Of(e.Operand))),
            Sql.NullTest e => new BoundNullTest(NullTestOperand(e.Operand), e.Negated),
            Sql.BooleanTest e => new BoundBooleanTest(_coercion.ToBoolean(Bind(e.Operand), BooleanTestName(e), Sql.Location.Of(e.Operand)), e.Value, e.Negated),
            Sql.DistinctTest e => Distinct(e),
            Sql.BetweenExpression e => Between(e),
            Sql.InListExpression e => InList(e),
            Sql.InSubqueryExpression e => InSubquery(e),
            Sql.QuantifiedArray e => Quantified(e),
            Sql.QuantifiedSubquery e => Quantified(e.Left, e.Operator, e.Quantifier == Sql.Quantifier.All, e.Subquery, e.Position),
            Sql.ExistsExpression e => new BoundSubquery(SubqueryKind.Exists, Subquery(e.Subquery), null, 0, PgTypes.Bool),
            Sql.ScalarSubquery e => Scalar(e.Subquery, SubqueryKind.Scalar, e.Position),
            Sql.ArraySubquery e => Scalar(e.Subquery, SubqueryKind.Array, e.Position),
            Sql.ArrayConstructor e => Array(e),
            Sql.RowConstructor e => Row(e),
            Sql.CastExpression e => Cast(e),
            Sql.CollateExpression e => Collate(e),
            Sql.CaseExpression e => Case(e),
            Sql.CoalesceExpression e => new BoundCoalesce(Common(e.Arguments, "COALESCE", out var type), type),
            Sql.NullIfExpression e => NullIf(e),
            Sql.MinMaxExpression e => MinMax(e),
            Sql.GroupingExpression e => new BoundGrouping([.. e.Arguments.Select(Bind)]),
            Sql.CurrentOfExpression e => CurrentOf(e),
            Sql.ValueFunction e => Value(e),
            Sql.FunctionCall e => Call(e),
            _ => throw PgError.Unsupported(syntax.GetType().Name, syntax.Position),
        };
    }

    // ---- Constants and names

    BoundConstant BitString(Sql.BitStringConstant e)
    {
        try
        {
            return new(PgTypes.Bit.Codec.Parse(e.Text, -1, context.Settings), PgTypes.Bit, -1, e.Position);
        }
        catch (PgError error)
        {
            throw error.At(e.Position);
        }
    }

    BoundExpression Noted(Sql.ColumnReference e, BoundExpression bound)
    {
        if (context.ColumnsFound is { } found)
            found[e] = bound;
        return bound;
    }

    BoundExpression Column(Sql.ColumnReference e)
    {
        var names = e.Names;
        switch (names.Length)
        {
            case 1:
                if (scope.FindColumn(names[0], e.Position) is { } column)
                    return At(column.Expression, e.Position);
                if (scope.FindRelation(null, names[0], e.Position) is { } whole)
                    return WholeRow(whole);
                throw new PgError(SqlState.UndefinedColumn, $"column \"{names[0]}\" does not exist") { Position = e.Position, Hint = NameHints.ForColumn(scope, null, names[0]) };

            case 2:
                if (scope.FindRelation(null, names[0], e.Position) is { } relation)
                    return Scope.FindColumn(relation, names[1], e.Position) is { } own ? At(own.Expression, e.Position)
                        : throw new PgError(SqlState.UndefinedColumn, $"column {names[0]}.{names[1]} does not exist") { Position = e.Position, Hint = NameHints.ForColumn(scope, names[0], names[1]) };
                if (scope.FindColumn(names[0], e.Position) is { } composite && composite.Expression.Type.Kind is TypeKind.Composite)
                    return Field(composite.Expression, names[1], e.Position);
                throw MissingFrom(names[0], e.Position, scope);

            case 3 or 4:
                var schema = names[^3];
                if (scope.FindRelation(schema, names[^2], e.Position) is { } qualified)
                    return Scope.FindColumn(qualified, names[^1], e.Position)?.Expression
                        ?? throw new PgError(SqlState.UndefinedColumn, $"column {names[^2]}.{names[^1]} does not exist") { Position = e.Position };
                throw MissingFrom(names[^2], e.Position, scope);

            default:
                throw PgError.Syntax($"improper qualified name (too many dotted names): {string.Join('.', names)}", e.Position);
        }
    }

    static BoundExpression At(BoundExpression expression, int position) => expression is BoundColumn column ? column with { Position = position } : expression;

    /// <summary>42P01 for a qualifier that nothing in sight has; worded otherwise when the query does have it, out of reach.</summary>
    public static PgError MissingFrom(string name, int position, Scope scope)
        => scope.AliasOf(name) is { } alias
            ? new(SqlState.UndefinedTable, $"invalid reference to FROM-clause entry for table \"{name}\"")
            {
                Position = position,
                Hint = $"Perhaps you meant to reference the table alias \"{alias}\".",
            }
            : scope.IsHidden(name)
            ? new(SqlState.UndefinedTable, $"invalid reference to FROM-clause entry for table \"{name}\"")
            {
                Position = position,
                Detail = $"There is an entry for table \"{name}\", but it cannot be referenced from this part of the query.",
            }
            : new(SqlState.UndefinedTable, $"missing FROM-clause entry for table \"{name}\"") { Position = position };

    BoundRow WholeRow(ScopeRelation relation)
        => new([.. relation.Columns.Select(column => column.Expression)], [.. relation.Columns.Select(column => column.Name)],
            relation.Table is { } table ? context.Catalog.RowType(table) : PgTypes.Record);

    /// <summary>(value).name.</summary>
    public BoundExpression Field(BoundExpression value, string name, int position)
    {
        if (value is BoundRow row && row.FieldNames.IndexOf(name) is >= 0 and var at)
            return row.Fields[at];
        if (context.Catalog.CompositeColumns(value.Type) is { } columns)
        {
            for (var i = 0; i < columns.Length; i++)
                if (columns[i].Name == name) return new BoundField(value, i, name, columns[i].Type, columns[i].Typmod);
            throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" not found in data type {value.Type}") { Position = position };
        }
        if (OutputColumns(value) is { } outputs)
        {
            for (var i = 0; i < outputs.Count; i++)
                if (outputs[i].Name == name) return new BoundField(value, i, name, outputs[i].Type);
        }
        if (value.Type == PgTypes.Record)
            throw new PgError(SqlState.UndefinedColumn, $"could not identify column \"{name}\" in record data type") { Position = position };
        throw new PgError(SqlState.WrongObjectType, $"column notation .{name} applied to type {value.Type}, which is not a composite type") { Position = position };
    }

    /// <summary>Columns that a record-returning function declares, when the value is its call.</summary>
    public static IReadOnlyList<(string Name, PgType Type)>? OutputColumns(BoundExpression value)
        => value switch
        {
            BoundCall { Function.OutputColumns: { Count: > 0 } outputs } => outputs,
            BoundSetCall { Function.OutputColumns: { Count: > 0 } outputs } => outputs,
            _ => null,
        };

    BoundExpression Subscripts(Sql.SubscriptExpression e)
    {
        var operand = Bind(e.Operand);
        if (operand.Type.Kind == TypeKind.Domain)
            operand = new BoundRelabel(operand, operand.Type.BaseType!);
        var isJson = operand.Type == PgTypes.Jsonb;
        var element = operand.Type.Element ?? operand.Type.SubscriptType;
        if (element is null && !isJson)
            throw new PgError(SqlState.DatatypeMismatch, $"cannot subscript type {operand.Type} because it does not support subscripting") { Position = Sql.Location.Of(e.Operand) };

        var isSlice = e.Subscripts.Any(subscript => subscript.IsSlice);
        if (isJson && isSlice)
            throw new PgError(SqlState.DatatypeMismatch, "jsonb subscript does not support slices") { Position = e.Position };
        var bound = e.Subscripts.Select(subscript => (Index(subscript.Lower), Index(subscript.Upper), subscript.IsSlice));
        return new BoundSubscript(operand, [.. bound], isJson ? PgTypes.Jsonb : isSlice ? operand.Type : element!);

        BoundExpression? Index(Sql.Expression? syntax)
        {
            if (syntax is null) return null;
            var index = Bind(syntax);
            if (isJson)
                return index.Type.Category == TypeCategory.Numeric
                    ? _coercion.Coerce(index, PgTypes.Int4, -1, CastContext.Assignment, syntax.Position)
                    : _coercion.Coerce(index, PgTypes.Text, -1, CastContext.Implicit, syntax.Position);
            return _coercion.Coerce(index, PgTypes.Int4, -1, CastContext.Assignment, syntax.Position, () => new PgError(
                SqlState.DatatypeMismatch, "array subscript must have type integer"));
        }
    }

    // ---- Operators

    BoundExpression Unary(Sql.UnaryOperator e) => Apply(e.Operator, null, Bind(e.Operand), e.Position);

    BoundExpression Binary(Sql.BinaryOperator e)
    {
        if (IsRow(e.Left) && IsRow(e.Right))
            return CompareRows(e.Operator, RowFields(e.Left), RowFields(e.Right), e.Position);
        if (IsRow(e.Left) && e.Right is Sql.ScalarSubquery subquery)
            return CompareRows(e.Operator, RowFields(e.Left), SubqueryFields(subquery), e.Position);
        var (left, right) = (Bind(e.Left), Bind(e.Right));
        if (ExplicitCollation(e.Left) is { } first && ExplicitCollation(e.Right) is { } second && first.Collation.Name != second.Collation.Name)
            throw new PgError(SqlState.CollationMismatch, $"collation mismatch between explicit collations \"{first.Collation.Name}\" and \"{second.Collation.Name}\"") { Position = second.Position };
        return Apply(e.Operator, left, right, e.Position);
    }

    static Sql.CollateExpression? ExplicitCollation(Sql.Expression e) => e switch
    {
        Sql.CollateExpression collate => collate,
        Sql.BinaryOperator { Operator.Name: "||" } binary => ExplicitCollation(binary.Left) ?? ExplicitCollation(binary.Right),
        _ => null,
    };

    /// <summary>An operator on bound operands. Raises 42883 or 42725.</summary>
    public BoundExpression Apply(Sql.OperatorName name, BoundExpression? left, BoundExpression right, int position)
        => Apply(name.Schema, name.Name, left, right, position);

    public BoundExpression Apply(string? schema, string name, BoundExpression? left, BoundExpression right, int position)
    {
        var op = FindOperator(schema, name, left?.Type, right.Type, position);
        return Apply(op, left, right, position);
    }

    BoundCall Apply(Operator op, BoundExpression? left, BoundExpression right, int position)
    {
        var (leftType, rightType, result) = (op.Left, op.Right, op.Result);
        if (Coercion.IsPolymorphic(op.Right) || (op.Left is not null && Coercion.IsPolymorphic(op.Left)))
        {
            PgType[] declared = op.Left is null ? [op.Right] : [op.Left, op.Right];
            PgType[] given = left is null ? [right.Type] : [left.Type, right.Type];
            _overloads.ResolvePolymorphic(declared, given, op.Result, out var types, out result);
            (leftType, rightType) = (types[0], types[^1]);
        }
        var first = left is null ? null : _coercion.Coerce(left, leftType!, -1, CastContext.Implicit, position);
        var second = _coercion.Coerce(right, rightType, -1, CastContext.Implicit, position);
        return new BoundCall(op.Function, first is null ? [second] : [first, second], result, op);
    }

    Operator FindOperator(string? schema, string name, PgType? left, PgType right, int position)
    {
        if (_overloads.FindOperator(schema, name, left, right, out var isAmbiguous) is { } op)
            return op;
        var written = left is null ? $"{name} {right}" : $"{left} {name} {right}";
        throw isAmbiguous
            ? new PgError(SqlState.AmbiguousFunction, $"operator is not unique: {written}")
            {
                Position = position,
                Hint = "Could not choose a best candidate operator. You might need to add explicit type casts.",
            }
            : new PgError(SqlState.UndefinedFunction, $"operator does not exist: {written}")
            {
                Position = position,
                Hint = left is null
                    ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
                    : "No operator matches the given name and argument types. You might need to add explicit type casts.",
            };
    }

    BoundLogical Logical(bool isAnd, ImmutableArray<Sql.Expression> terms, string name)
        => new(isAnd, [.. terms.Select(term => _coercion.ToBoolean(Bind(term), name, Sql.Location.Of(term)))]);

    static string BooleanTestName(Sql.BooleanTest e)
        => (e.Negated ? "IS NOT " : "IS ") + (e.Value switch { true => "TRUE", false => "FALSE", null => "UNKNOWN" });

    BoundExpression NullTestOperand(Sql.Expression syntax)
    {
        var operand = Bind(syntax);
        return operand is BoundParameter ? operand : _coercion.ResolveUnknown(operand);
    }

    BoundExpression Distinct(Sql.DistinctTest e)
    {
        if (IsRow(e.Left) && IsRow(e.Right))
        {
            var pairs = RowFields(e.Left).Zip(RowFields(e.Right)).Select(pair => DistinctPair(pair.First, pair.Second, false, e.Position)).ToImmutableArray();
            BoundExpression any = pairs.Length == 1 ? pairs[0] : new BoundLogical(false, pairs);
            return e.Negated ? new BoundNot(any) : any;
        }
        return DistinctPair(Bind(e.Left), Bind(e.Right), e.Negated, e.Position);
    }

    BoundExpression DistinctPair(BoundExpression left, BoundExpression right, bool negated, int position)
    {
        if (right is BoundConstant { Value.IsNull: true, Type: var type } && type == PgTypes.Unknown)
            return new BoundNullTest(_coercion.ResolveUnknown(left), !negated);
        var equal = (BoundCall)Apply(null, "=", left, right, position);
        return new BoundDistinct(equal.Arguments[0], equal.Arguments[1], equal.Function, negated);
    }

    BoundExpression Between(Sql.BetweenExpression e)
    {
        var operand = Bind(e.Operand);
        BoundExpression Range(Sql.Expression low, Sql.Expression high) => new BoundLogical(
            !e.Negated, [Apply(null, e.Negated ? "<" : ">=", Operand(), Bind(low), e.Position), Apply(null, e.Negated ? ">" : "<=", Operand(), Bind(high), e.Position)]);
        // A parameter has the type that the first comparison has given it.
        BoundExpression Operand() => operand is BoundParameter ? Bind(e.Operand) : operand;
        return e.Symmetric ? new BoundLogical(e.Negated, [Range(e.Low, e.High), Range(e.High, e.Low)]) : Range(e.Low, e.High);
    }

    BoundExpression InList(Sql.InListExpression e)
    {
        if (IsRow(e.Operand))
        {
            var row = RowFields(e.Operand);
            var matches = e.Items.Select(item => CompareRows(new(null, "=", e.Position), row, RowFields(item), e.Position)).ToImmutableArray();
            BoundExpression any = matches.Length == 1 ? matches[0] : new BoundLogical(false, matches);
            return e.Negated ? new BoundNot(any) : any;
        }

        var operand = Bind(e.Operand);
        var items = e.Items.Select(Bind).ToList();
        var name = e.Negated ? "<>" : "=";

        // Several plain values become one comparison with an array, as in PostgreSQL.
        if (items.Count > 1 && items.TrueForAll(item => item is BoundConstant or BoundParameter or BoundTypmodCast or BoundIoCast or BoundRelabel or BoundCall)
            && items.TrueForAll(item => !BoundTree.Any(item, node => node is BoundColumn)))
        {
            var type = TryCommonType([operand, .. items]);
            if (type?.Array is { } array && type.Category != TypeCategory.Array)
            {
                var op = FindOperator(null, name, operand.Type, type, e.Position);
                var left = _coercion.Coerce(operand, op.Left!, -1, CastContext.Implicit, e.Position);
                var elements = items.Select((item, i) => _coercion.Coerce(_coercion.Coerce(item, type, -1, CastContext.Implicit, e.Items[i].Position), op.Right, -1, CastContext.Implicit, e.Items[i].Position));
                return new BoundArrayComparison(op, left, new BoundArray([.. elements], op.Right.Array ?? array, false), e.Negated);
            }
        }

        var tests = items.Select(item => _coercion.ToBoolean(Apply(null, name, operand, item, e.Position), "IN", e.Position)).ToImmutableArray();
        return tests.Length == 1 ? tests[0] : new BoundLogical(e.Negated, tests);
    }

    PgType? TryCommonType(IReadOnlyList<BoundExpression> values)
    {
        try
        {
            return _coercion.CommonType(values, "IN");
        }
        catch (PgError)
        {
            return null;
        }
    }

    BoundArrayComparison Quantified(Sql.QuantifiedArray e)
    {
        var left = Bind(e.Left);
        var array = Bind(e.Array);
        var isAll = e.Quantifier == Sql.Quantifier.All;

        var element = array.Type == PgTypes.Unknown ? left.Type : BaseOf(array.Type).Element ?? BaseOf(array.Type).SubscriptType
            ?? throw new PgError(SqlState.WrongObjectType, "op ANY/ALL (array) requires array on right side") { Position = e.Position };
        if (element.IsArray && array.Type == PgTypes.Unknown)
            throw new PgError(SqlState.WrongObjectType, "op ANY/ALL (array) requires array on right side") { Position = e.Position };
        var op = FindOperator(e.Operator.Schema, e.Operator.Name, left.Type, element, e.Position);
        if (op.Result != PgTypes.Bool)
            throw new PgError(SqlState.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean") { Position = e.Position };

        _overloads.ResolvePolymorphic([op.Left!, op.Right], [left.Type, element], op.Result, out var types, out _);
        var arrayType = types[1].Array ?? throw new PgError(SqlState.UndefinedObject, $"could not find array type for data type {types[1]}") { Position = e.Position };
        var bound = array.Type.SubscriptType == types[1] ? array : _coercion.Coerce(array, arrayType, -1, CastContext.Implicit, e.Position);
        return new(op, _coercion.Coerce(left, types[0], -1, CastContext.Implicit, e.Position), bound, isAll);
    }

    static PgType BaseOf(PgType type)
    {
        while (type.Kind == TypeKind.Domain)
            type = type.BaseType!;
        return type;
    }

    // ---- Rows

    /// <summary>The columns of a subquery that gives one row, to be compared with a row.</summary>
    ImmutableArray<BoundExpression> SubqueryFields(Sql.ScalarSubquery syntax)
    {
        var query = Subquery(syntax.Subquery);
        var row = new BoundSubquery(SubqueryKind.Row, query, null, 0, PgTypes.Record);
        return [.. query.VisibleTargets.Select((target, i) => new BoundField(row, i, target.Name, target.Expression.Type, target.Expression.Typmod))];
    }

    static bool IsRow(Sql.Expression syntax) => syntax is Sql.RowConstructor;

    ImmutableArray<BoundExpression> RowFields(Sql.Expression syntax)
        => syntax is Sql.RowConstructor row ? RowFieldsOf(row) : Bind(syntax) is BoundRow bound ? bound.Fields : [Bind(syntax)];

    ImmutableArray<BoundExpression> RowFieldsOf(Sql.RowConstructor row)
        => [.. row.Fields.SelectMany(field => field is Sql.StarExpression or Sql.FieldStar ? new TargetBinder(context, this, scope).Expand(field).Select(t => t.Expression) : [Bind(field)])];

    BoundExpression Row(Sql.RowConstructor e)
    {
        var written = RowFieldsOf(e);
        foreach (var field in written)
            if (field is BoundParameter parameter && parameter.Type == PgTypes.Unknown)
                context.LeaveUnknown(parameter);
        var fields = written.Select(_coercion.ResolveUnknown).ToImmutableArray();
        return new BoundRow(fields, [.. fields.Select((_, i) => $"f{i + 1}")], PgTypes.Record);
    }

    BoundExpression CompareRows(Sql.OperatorName name, ImmutableArray<BoundExpression> left, ImmutableArray<BoundExpression> right, int position)
    {
        if (left.Length != right.Length)
            throw PgError.Syntax("unequal number of entries in row expressions", position);
        if (left.Length == 0)
            throw PgError.Unsupported("comparison of rows of zero length", position);
        if (name.Name is not ("=" or "<>" or "<" or "<=" or ">" or ">="))
            throw new PgError(SqlState.FeatureNotSupported, $"could not determine interpretation of row comparison operator {name.Name}")
            {
                Position = position,
                Hint = "Row comparison operators must be associated with btree operator families.",
            };

        var pairs = left.Zip(right).Select(pair => (BoundCall)Apply(name, pair.First, pair.Second, position)).ToImmutableArray();
        if (pairs.Length == 1)
            return pairs[0];
        if (name.Name is "=")
            return new BoundLogical(true, [.. pairs]);
        if (name.Name is "<>")
            return new BoundLogical(false, [.. pairs]);
        var equals = pairs.Select(pair => FindOperator(null, "=", pair.Arguments[0].Type, pair.Arguments[1].Type, position));
        return new BoundRowComparison(name.Name, [.. pairs.Select(pair => pair.Arguments[0])], [.. pairs.Select(pair => pair.Arguments[1])], [.. pairs.Select(pair => pair.Operator!)], [.. equals]);
    }

    // ---- Subqueries

    BoundQuery Subquery(Sql.Query syntax) => new QueryBinder(context).Bind(syntax, scope);

    BoundSubquery Scalar(Sql.Query syntax, SubqueryKind kind, int position)
    {
        var query = Subquery(syntax);
        var columns = query.VisibleTargets.ToList();
        if (columns.Count != 1)
            throw PgError.Syntax("subquery must return only one column", position);
        var type = columns[0].Expression.Type;
        if (kind == SubqueryKind.Array)
            type = type.IsArray ? type : type.Array ?? throw new PgError(SqlState.UndefinedObject, $"could not find array type for data type {type}") { Position = position };
        return new(kind, query, null, 0, type, kind == SubqueryKind.Scalar ? columns[0].Expression.Typmod : -1);
    }

    BoundExpression InSubquery(Sql.InSubqueryExpression e)
    {
        var any = Quantified(e.Operand, new(null, "=", e.Position), false, e.Subquery, e.Position);
        return e.Negated ? new BoundNot(any) : any;
    }

    BoundSubquery Quantified(Sql.Expression left, Sql.OperatorName name, bool isAll, Sql.Query subquery, int position)
    {
        var fields = IsRow(left) ? RowFields(left) : [Bind(left)];
        var query = Subquery(subquery);
        var columns = query.VisibleTargets.ToList();
        if (columns.Count < fields.Length)
            throw PgError.Syntax("subquery has too few columns", position);
        if (columns.Count > fields.Length)
            throw PgError.Syntax("subquery has too many columns", position);

        var relation = context.NextRelation();
        var results = columns.Select((column, i) => (BoundExpression)new BoundColumn(relation, i, column.Name, column.Expression.Type, column.Expression.Typmod)).ToImmutableArray();
        var test = CompareRows(name, fields, results, position);
        return new(isAll ? SubqueryKind.All : SubqueryKind.Any, query, _coercion.ToBoolean(test, "ANY", position), relation, PgTypes.Bool);
    }

    // ---- Constructors and casts

    BoundExpression Array(Sql.ArrayConstructor e, PgType? elementType = null)
    {
        var isNested = e.Elements.Any(element => element is Sql.ArrayConstructor);
        var elements = e.Elements.Select(element => element is Sql.ArrayConstructor inner ? Array(inner, elementType) : Bind(element)).ToList();
        if (elements.Count == 0 && elementType is null)
            throw new PgError(SqlState.IndeterminateDatatype, "cannot determine type of empty array")
            {
                Position = e.Position,
                Hint = "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
            };

        isNested = isNested || (elements.Count > 0 && elements.TrueForAll(element => element.Type.IsArray));
        ImmutableArray<BoundExpression> coerced;
        PgType type;
        if (elementType is not null)
        {
            type = isNested ? elementType.Array! : elementType;
            coerced = [.. elements.Select((element, i) => _coercion.Coerce(element, type, -1, CastContext.Explicit, e.Elements[i].Position))];
        }
        else
        {
            coerced = _coercion.ToCommonType(elements, "ARRAY", out type, [.. e.Elements.Select(Sql.Location.Of)]);
        }
        var array = type.IsArray ? type : type.Array
            ?? throw new PgError(SqlState.UndefinedObject, $"could not find array type for data type {type}") { Position = e.Position };
        return new BoundArray(coerced, array, type.IsArray);
    }

    BoundExpression Cast(Sql.CastExpression e)
    {
        var (type, typmod) = context.Catalog.ResolveType(e.Type);
        var operand = e.Operand is Sql.ArrayConstructor array && type.IsArray ? Array(array, type.Element) : Bind(e.Operand);
        return _coercion.Coerce(operand, type, typmod, CastContext.Explicit, e.Operand is Sql.StringConstant literal ? literal.Position : e.Position);
    }

    BoundExpression Collate(Sql.CollateExpression e)
    {
        var operand = Bind(e.Operand);
        if (operand.Type == PgTypes.Unknown)
            operand = _coercion.ResolveUnknown(operand);
        if (!operand.Type.IsCollatable)
            throw new PgError(SqlState.DatatypeMismatch, $"collations are not supported by type {operand.Type}") { Position = e.Position };
        // All text is ordered by code point; the collations that mean just that are the ones that exist.
        if (e.Collation.Name is not ("C" or "POSIX" or "default" or "ucs_basic" or "C.UTF-8" or "C.utf8"))
            throw new PgError(SqlState.UndefinedObject, $"collation \"{Catalog.CatalogErrors.Written(e.Collation)}\" for encoding \"UTF8\" does not exist") { Position = e.Position };
        return operand;
    }

    ImmutableArray<BoundExpression> Common(ImmutableArray<Sql.Expression> arguments, string construct, out PgType type)
        => _coercion.ToCommonType([.. arguments.Select(Bind)], construct, out type, [.. arguments.Select(Sql.Location.Of)]);

    BoundMinMax MinMax(Sql.MinMaxExpression e)
    {
        var arguments = Common(e.Arguments, e.IsGreatest ? "GREATEST" : "LEAST", out var type);
        return type.Codec.IsOrdered
            ? new(e.IsGreatest, arguments, type)
            : throw new PgError(SqlState.UndefinedFunction, $"could not identify a comparison function for type {type}") { Position = e.Position };
    }

    BoundExpression NullIf(Sql.NullIfExpression e)
    {
        var equal = (BoundCall)Apply(null, "=", Bind(e.Left), Bind(e.Right), e.Position);
        return new BoundNullIf(equal.Arguments[0], equal.Arguments[1], equal.Function);
    }

    BoundExpression Case(Sql.CaseExpression e)
    {
        BoundExpression? operand = null;
        var slot = -1;
        if (e.Operand is not null)
        {
            operand = _coercion.ResolveUnknown(Bind(e.Operand));
            slot = context.NextSlot();
        }

        var conditions = e.Branches.Select(branch => operand is null
            ? _coercion.ToBoolean(Bind(branch.When), "CASE/WHEN", Sql.Location.Of(branch.When))
            : _coercion.ToBoolean(Apply(null, "=", new BoundCaseInput(slot, operand.Type, operand.Typmod), Bind(branch.When), branch.Position), "CASE/WHEN", branch.When.Position)).ToList();

        // PostgreSQL looks at ELSE first when it chooses the type.
        var results = e.Branches.Select(branch => Bind(branch.Then)).ToList();
        var positions = e.Branches.Select(branch => Sql.Location.Of(branch.Then)).ToList();
        if (e.Default is not null)
        {
            results.Insert(0, Bind(e.Default));
            positions.Insert(0, e.Default.Position);
        }
        var coerced = _coercion.ToCommonType(results, "CASE", out var type, positions);
        var offset = e.Default is null ? 0 : 1;
        var body = new BoundCase([.. conditions.Select((condition, i) => (condition, coerced[i + offset]))], e.Default is null ? null : coerced[0], type);
        return operand is null ? body : new BoundWithInput(slot, operand, body);
    }

    /// <summary>CURRENT OF: the row's ctid is that of the row the cursor stands on.</summary>
    BoundExpression CurrentOf(Sql.CurrentOfExpression e)
    {
        if (e.Cursor is not { } cursor)
            throw PgError.Unsupported("WHERE CURRENT OF with a parameter", e.Position);
        if (scope.Items.Relations.FirstOrDefault() is not { Table: { } table } target)
            throw PgError.Unsupported("WHERE CURRENT OF on a view", e.Position);
        var row = new BoundCall(CursorRow(cursor, table), [], PgTypes.Tid);
        return Apply(null, "=", new BoundColumn(target.RelationId, SystemColumns.Ctid, "ctid", PgTypes.Tid), row, e.Position);
    }

    static Function CursorRow(string name, Catalog.Relation table) => new()
    {
        Name = "current_of",
        Arguments = [],
        Result = PgTypes.Tid,
        Volatility = Volatility.Stable,
        Body = (_, _, context) =>
        {
            var cursor = context.Session.Portals.Find(name) ?? throw new PgError(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");
            if (cursor.Statement.RowTable != table.Oid)
                throw new PgError(SqlState.InvalidCursorState, $"cursor \"{name}\" is not a simply updatable scan of table \"{table.Name}\"");
            return cursor.At is { } row ? row[^1] : throw new PgError(SqlState.InvalidCursorState, $"cursor \"{name}\" is not positioned on a row");
        },
    };

    BoundExpression Value(Sql.ValueFunction e)
    {
        var (function, type) = e.Kind switch
        {
            Sql.ValueFunctionKind.CurrentTimestamp => ("now", PgTypes.TimestampTz),
            Sql.ValueFunctionKind.LocalTimestamp => ("now", PgTypes.Timestamp),
            Sql.ValueFunctionKind.CurrentDate => ("now", PgTypes.Date),
            Sql.ValueFunctionKind.CurrentTime => ("now", PgTypes.TimeTz),
            Sql.ValueFunctionKind.LocalTime => ("now", PgTypes.Time),
            Sql.ValueFunctionKind.SessionUser => ("session_user", PgTypes.Name),
            Sql.ValueFunctionKind.CurrentCatalog => ("current_database", PgTypes.Name),
            Sql.ValueFunctionKind.CurrentSchema => ("current_schema", PgTypes.Name),
            _ => ("current_user", PgTypes.Name),
        };
        var match = _overloads.FindFunction("pg_catalog", function, [], [], false, out _)
            ?? throw PgError.Unsupported(function, e.Position);
        return _coercion.Coerce(new BoundCall(match.Function, [], match.Result), type, e.Precision ?? -1, CastContext.Explicit, e.Position);
    }
}
