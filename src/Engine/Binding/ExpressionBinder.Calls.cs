using System.Collections.Immutable;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Calls of functions, aggregates and window functions.</summary>
public sealed partial class ExpressionBinder
{
    BoundExpression Call(Sql.FunctionCall e)
    {
        var name = e.Function.Name;
        // rank and kin are window functions, and aggregates only WITHIN GROUP.
        var kinds = context.Catalog.FindFunctions(e.Function.Schema, name).Select(function => function.Kind).ToHashSet();
        var isAggregate = kinds.Contains(FunctionKind.Aggregate) && (e.IsWithinGroup || !kinds.Contains(FunctionKind.Window));
        if (isAggregate && e.Over is null)
            RequireAggregateAllowed(e);

        var outerInside = _insideAggregate;
        _insideAggregate |= isAggregate && e.Over is null;
        var written = e.Arguments.Select(argument => Bind(argument.Value)).ToList();
        var orderBy = e.OrderBy.Select(SortKey).ToImmutableArray();
        var filter = e.Filter is null ? null : BindCondition(e.Filter, "FILTER");
        _insideAggregate = outerInside;

        // An ordered-set aggregate's function takes its direct arguments and then the sort keys'.
        var operands = e.IsWithinGroup ? [.. written, .. orderBy.Select(key => key.Expression)] : written;
        var types = operands.ConvertAll(operand => operand.Type);
        var names = e.Arguments.Select(argument => argument.Name).Concat(Enumerable.Repeat<string?>(null, operands.Count - written.Count)).ToList();

        // Not a function but a type: f(x) is a cast when a type has that name and the value can be cast without running anything.
        if (operands.Count == 1 && !e.IsStar && !isAggregate && CastByName(e, operands[0]) is { } cast)
            return cast;

        if (operands.Count == 0 && !e.IsStar && name == "count" && isAggregate)
            throw new PgError(SqlState.WrongObjectType, $"{name}(*) must be used to call a parameterless aggregate function") { Position = e.Position };
        if (e.Function.Schema is { } schema)
            context.Catalog.RequireSchema(schema, e.Position);
        var match = _overloads.FindFunction(e.Function.Schema, name, types, names, e.IsVariadic, out var isAmbiguous)
            ?? throw NoFunction(e, types, names, isAmbiguous);
        var function = match.Function;
        var positions = e.Arguments.Select(argument => argument.Value.Position).Concat(e.OrderBy.Select(item => item.Value.Position)).ToList();
        var arguments = Arguments(match, operands, positions);

        switch (function.Kind)
        {
            case FunctionKind.Aggregate when e.Over is null:
                RequireOwnLevel(e, arguments);
                if (e.IsWithinGroup)
                    return new BoundAggregate(function, arguments[..written.Count], match.Result, false, false,
                        [.. orderBy.Select((key, i) => key with { Expression = arguments[written.Count + i] })], filter);
                if (e.IsDistinct && arguments.Any(argument => !argument.Type.Codec.IsOrdered))
                    throw new PgError(SqlState.UndefinedFunction, $"could not identify an equality operator for type {arguments.First(argument => !argument.Type.Codec.IsOrdered).Type}") { Position = e.Position };
                if (e.IsDistinct && orderBy.Any(key => !arguments.Any(argument => BoundTree.Same(argument, key.Expression))))
                    throw new PgError(SqlState.InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list") { Position = e.OrderBy[0].Position };
                return new BoundAggregate(function, arguments, match.Result, e.IsStar, e.IsDistinct, orderBy, filter);

            case FunctionKind.Aggregate or FunctionKind.Window when e.Over is not null:
                return Window(e, function, arguments, match.Result, filter);

            case FunctionKind.Window:
                throw new PgError(SqlState.WrongObjectType, $"window function {name} requires an OVER clause") { Position = e.Position };

            case FunctionKind.Procedure:
                throw new PgError(SqlState.WrongObjectType, $"{name}({string.Join(", ", types)}) is a procedure") { Position = e.Position, Hint = "To call a procedure, use CALL." };
        }

        if (e.Over is not null)
            throw new PgError(SqlState.WrongObjectType, $"OVER specified, but {name} is not a window function nor an aggregate function") { Position = e.Position };
        RejectAggregateSyntax(e);
        if (function.ReturnsSet)
        {
            if (clause is not null and not FunctionsInFrom)
                throw new PgError(SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {clause}") { Position = e.Position };
            return new BoundSetCall(function, arguments, match.Result);
        }
        if (e.IsVariadic && function.Arguments[^1] == PgTypes.Any)
            function = SpreadArray(function, arguments[^1], e.Arguments[^1].Value);
        return new BoundCall(function, arguments, match.Result);
    }

    /// <summary><c>concat(VARIADIC array)</c>: the function of "any" arguments with the array's elements as its last ones.</summary>
    static Function SpreadArray(Function function, BoundExpression array, Sql.Expression syntax)
    {
        if (array.Type.Element is not { } element)
            throw new PgError(SqlState.DatatypeMismatch, "VARIADIC argument must be an array") { Position = Sql.Location.Of(syntax) };
        var body = function.Body!;
        return function with
        {
            Body = (arguments, site, context) =>
            {
                // Only format takes a missing array for one without elements.
                if (arguments[^1].IsNull && function.Name != "format") return Datum.Null;
                var items = arguments[^1].IsNull ? [] : arguments[^1].As<PgArray>().Items;
                var types = site.ArgumentTypes.SkipLast(1).Concat(Enumerable.Repeat(element, items.Length));
                return body([.. arguments[..^1], .. items], new CallSite([.. types], site.ResultType), context);
            },
        };
    }

    void RequireAggregateAllowed(Sql.FunctionCall e)
    {
        if (_insideAggregate)
            throw new PgError(SqlState.GroupingError, "aggregate function calls cannot be nested") { Position = e.Position };
        if (clause is not null)
            throw new PgError(SqlState.GroupingError, $"aggregate functions are not allowed in {clause}") { Position = e.Position };
    }

    void RequireOwnLevel(Sql.FunctionCall e, ImmutableArray<BoundExpression> arguments)
    {
        var own = false;
        var outer = false;
        foreach (var argument in arguments)
            BoundTree.Visit(argument, node =>
            {
                if (node is BoundWindowCall)
                    throw new PgError(SqlState.GroupingError, "aggregate function calls cannot contain window function calls") { Position = e.Arguments[0].Value.Position };
                if (node is BoundColumn column)
                {
                    var isOwn = scope.Items.Relations.Any(relation => relation.RelationId == column.Relation);
                    own |= isOwn;
                    outer |= !isOwn;
                }
                return true;
            });
        if (outer && !own)
            throw PgError.Unsupported("an aggregate that belongs to an outer query", e.Position);
    }

    static void RejectAggregateSyntax(Sql.FunctionCall e)
    {
        var word = e.IsStar ? "(*)" : e.IsDistinct ? "DISTINCT" : e.IsWithinGroup ? "WITHIN GROUP" : e.OrderBy.Length > 0 ? "ORDER BY" : e.Filter is not null ? "FILTER" : null;
        if (word is null) return;
        throw new PgError(SqlState.WrongObjectType, e.IsStar
            ? $"{e.Function.Name}(*) specified, but {e.Function.Name} is not an aggregate function"
            : $"{word} specified, but {e.Function.Name} is not an aggregate function")
        { Position = e.Position };
    }

    BoundExpression? CastByName(Sql.FunctionCall e, BoundExpression operand)
    {
        if (context.Catalog.FindType(e.Function.Schema, e.Function.Name) is not { } type || type.Kind == TypeKind.Pseudo)
            return null;
        if (context.Catalog.FindFunctions(e.Function.Schema, e.Function.Name).Any(function => function.Arguments.Count == 1 && function.Arguments[0] == operand.Type))
            return null;
        var isCheap = operand.Type == PgTypes.Unknown || operand.Type == type || context.Catalog.FindCast(operand.Type, type) is not null
            || operand.Type.Category == TypeCategory.String || type.Category == TypeCategory.String;
        return isCheap ? _coercion.TryCoerce(operand, type, -1, CastContext.Explicit, e.Arguments[0].Value.Position) : null;
    }

    static PgError NoFunction(Sql.FunctionCall e, List<PgType> types, List<string?> names, bool isAmbiguous)
    {
        var written = $"{e.Function}({string.Join(", ", types.Select((type, i) => names[i] is { } name ? $"{name} => {type}" : type.ToString()))})";
        if (isAmbiguous)
            return new(SqlState.AmbiguousFunction, $"function {written} is not unique")
            {
                Position = e.Position,
                Hint = "Could not choose a best candidate function. You might need to add explicit type casts.",
            };
        if (Catalog.UnsupportedNames.IsFunction(e.Function.Schema, e.Function.Name))
            return PgError.Unsupported($"function {e.Function}", e.Position);
        return new(SqlState.UndefinedFunction, $"function {written} does not exist")
        {
            Position = e.Position,
            Hint = "No function matches the given name and argument types. You might need to add explicit type casts.",
        };
    }

    /// <summary>The operands in the function's order, coerced, defaults added and the variadic rest made an array.</summary>
    ImmutableArray<BoundExpression> Arguments(OverloadResolver.Match match, List<BoundExpression> operands, List<int> positions)
    {
        var arguments = ImmutableArray.CreateBuilder<BoundExpression>(match.ArgumentTypes.Length);
        for (var parameter = 0; parameter < match.ArgumentTypes.Length; parameter++)
        {
            var type = match.ArgumentTypes[parameter];
            var at = match.Order[parameter];
            if (at < 0)
            {
                var function = match.Function;
                arguments.Add(new BoundConstant(function.Defaults[parameter - (function.Arguments.Count - function.Defaults.Count)], type));
                continue;
            }
            // "any" takes a literal as it is: as text.
            if (type == PgTypes.Any && operands[at] is BoundParameter unknown && unknown.Type == PgTypes.Unknown)
                context.LeaveUnknown(unknown);
            // Only pg_typeof tells a literal that is still of no type from text.
            var operand = type == PgTypes.Any && match.Function.Name != "pg_typeof" ? _coercion.ResolveUnknown(operands[at]) : operands[at];
            arguments.Add(type == PgTypes.Any ? operand : _coercion.Coerce(operand, type, -1, CastContext.Implicit, positions[at]));
        }

        if (match.SpreadFrom < 0)
            return arguments.ToImmutable();
        var isAny = match.Function.Arguments[^1] == PgTypes.Any;
        if (isAny)
            return arguments.ToImmutable();
        var rest = arguments.Skip(match.SpreadFrom).ToImmutableArray();
        var element = match.ArgumentTypes[match.SpreadFrom];
        return [.. arguments.Take(match.SpreadFrom), new BoundArray(rest, element.Array!, false)];
    }

    /// <summary>A sort key with the defaults for NULLs. Raises 42883 for types without an order.</summary>
    public BoundSortKey SortKey(Sql.SortItem item) => SortKey(item, BindResolved(item.Value));

    public static BoundSortKey SortKey(Sql.SortItem item, BoundExpression value)
    {
        if (!value.Type.Codec.IsOrdered)
            throw new PgError(SqlState.UndefinedFunction, $"could not identify an ordering operator for type {value.Type}")
            {
                Position = item.Value.Position,
                Hint = "Use an explicit ordering operator or modify the query.",
            };
        var descending = item.Using?.Name switch
        {
            null => item.Descending,
            "<" => false,
            ">" => true,
            var other => throw new PgError(SqlState.WrongObjectType, $"operator {other} is not a valid ordering operator")
            {
                Position = item.Using!.Position,
                Hint = "Ordering operators must be \"<\" or \">\" members of btree operator families.",
            },
        };
        return new(value, descending, item.NullsFirst ?? descending);
    }

    // ---- Windows

    BoundWindowCall Window(Sql.FunctionCall e, Function function, ImmutableArray<BoundExpression> arguments, PgType result, BoundExpression? filter)
    {
        if (scope.Windows is not { } windows || clause is not null)
            throw new PgError(SqlState.WindowingError, $"window functions are not allowed in {clause ?? "this context"}") { Position = e.Position };
        if (e.IsDistinct)
            throw new PgError(SqlState.FeatureNotSupported, "DISTINCT is not implemented for window functions") { Position = e.Position };
        if (e.OrderBy.Length > 0)
            throw new PgError(SqlState.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions") { Position = e.Position };
        if (filter is not null && function.Kind == FunctionKind.Window)
            throw new PgError(SqlState.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions") { Position = e.Position };
        if (arguments.Any(argument => BoundTree.Any(argument, node => node is BoundWindowCall)))
            throw new PgError(SqlState.WindowingError, "window function calls cannot be nested") { Position = e.Arguments[0].Value.Position };

        var window = BindWindow(e.Over!);
        var at = windows.FindIndex(other => SameWindow(other, window));
        if (at < 0)
        {
            at = windows.Count;
            windows.Add(window);
        }
        return new(function, arguments, result, at, e.IsStar, filter);
    }

    static bool SameWindow(BoundWindow left, BoundWindow right)
        => BoundTree.SameAll(left.PartitionBy, right.PartitionBy) && BoundTree.SameKeys(left.OrderBy, right.OrderBy) && left.Frame == right.Frame;

    BoundWindow BindWindow(Sql.WindowSpecification specification)
    {
        // OVER name: the window as it stands in the WINDOW clause.
        if (specification.Name is { } name && specification.Base is null && specification.PartitionBy.IsEmpty && specification.OrderBy.IsEmpty && specification.Frame is null)
            return BindWindow(Named(name, specification.Position) with { Name = null });

        var based = specification.Base is { } baseName ? BindWindow(Named(baseName, specification.Position) with { Name = null }) : null;
        if (based is not null && specification.PartitionBy.Length > 0)
            throw new PgError(SqlState.WindowingError, $"cannot override PARTITION BY clause of window \"{specification.Base}\"") { Position = specification.Position };
        if (based is not null && based.OrderBy.Length > 0 && specification.OrderBy.Length > 0)
            throw new PgError(SqlState.WindowingError, $"cannot override ORDER BY clause of window \"{specification.Base}\"") { Position = specification.Position };
        if (based is not null && based.Frame != BoundFrame.Default)
            throw new PgError(SqlState.WindowingError, $"cannot copy window \"{specification.Base}\" because it has a frame clause") { Position = specification.Position };

        var orderBy = based is { OrderBy.Length: > 0 } ? based.OrderBy : [.. specification.OrderBy.Select(SortKey)];
        return new(
            based?.PartitionBy ?? [.. specification.PartitionBy.Select(BindResolved)],
            orderBy,
            specification.Frame is null ? BoundFrame.Default : BindFrame(specification.Frame, orderBy, specification.Position));
    }

    Sql.WindowSpecification Named(string name, int position)
        => scope.NamedWindows.TryGetValue(name, out var named) ? named : throw new PgError(SqlState.UndefinedObject, $"window \"{name}\" does not exist") { Position = position };

    BoundFrame BindFrame(Sql.WindowFrame frame, ImmutableArray<BoundSortKey> orderBy, int position)
    {
        var mode = (FrameMode)frame.Unit;
        var start = (FrameBound)frame.Start.Kind;
        var end = frame.End is null ? FrameBound.CurrentRow : (FrameBound)frame.End.Kind;
        PgError Bad(string message) => new(SqlState.WindowingError, message) { Position = frame.Position };

        if (start == FrameBound.UnboundedFollowing) throw Bad("frame start cannot be UNBOUNDED FOLLOWING");
        if (end == FrameBound.UnboundedPreceding) throw Bad("frame end cannot be UNBOUNDED PRECEDING");
        if (frame.End is null && start == FrameBound.Following) throw Bad("frame starting from following row cannot end with current row");
        if (start == FrameBound.CurrentRow && end == FrameBound.Preceding) throw Bad("frame starting from current row cannot have preceding rows");
        if (start == FrameBound.Following && end is FrameBound.Preceding or FrameBound.CurrentRow && start == FrameBound.Following)
            throw Bad(end == FrameBound.Preceding ? "frame starting from following row cannot have preceding rows" : "frame starting from following row cannot end with current row");
        if (mode == FrameMode.Groups && orderBy.IsEmpty) throw Bad("GROUPS mode requires an ORDER BY clause");

        var hasOffset = frame.Start.Offset is not null || frame.End?.Offset is not null;
        Function? add = null;
        Function? subtract = null;
        BoundExpression? startOffset;
        BoundExpression? endOffset;
        if (mode == FrameMode.Range && hasOffset)
        {
            if (orderBy.Length != 1) throw new PgError(SqlState.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column") { Position = position };
            var key = orderBy[0].Expression;
            startOffset = RangeOffset(frame.Start.Offset, key, ref add, ref subtract);
            endOffset = RangeOffset(frame.End?.Offset, key, ref add, ref subtract);
        }
        else
        {
            startOffset = RowOffset(frame.Start.Offset);
            endOffset = RowOffset(frame.End?.Offset);
        }
        return new(mode, start, startOffset, end, endOffset, (FrameExclusion)frame.Exclusion, add, subtract);

        BoundExpression? RowOffset(Sql.Expression? syntax)
            => syntax is null ? null : _coercion.Coerce(Bind(syntax), PgTypes.Int8, -1, CastContext.Assignment, syntax.Position, () => new PgError(
                SqlState.DatatypeMismatch, $"argument of {(mode == FrameMode.Rows ? "ROWS" : "GROUPS")} must be type bigint"));
    }

    BoundExpression? RangeOffset(Sql.Expression? syntax, BoundExpression key, ref Function? add, ref Function? subtract)
    {
        if (syntax is null) return null;
        var offset = Bind(syntax);
        var isTime = key.Type.Category == TypeCategory.DateTime;
        if (offset.Type == PgTypes.Unknown)
            offset = _coercion.Coerce(offset, isTime ? PgTypes.Interval : key.Type, -1, CastContext.Implicit, syntax.Position);
        var plus = (BoundCall)Apply(null, "+", key, offset, syntax.Position);
        var minus = (BoundCall)Apply(null, "-", key, offset, syntax.Position);
        add = plus.Function;
        subtract = minus.Function;
        return plus.Arguments[1];
    }
}
