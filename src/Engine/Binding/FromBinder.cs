using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds FROM: tables, views, subqueries, functions, joins.</summary>
public sealed class FromBinder(BindingContext context, QueryBinder queries)
{
    readonly Coercion _coercion = context.Coercion;

    /// <summary>A FROM list, which is a cross join. <paramref name="scope"/> is the query's own; its items are set by the caller.</summary>
    public (BoundFrom From, ScopeItems Items) Bind(ImmutableArray<Sql.FromItem> items, Scope scope)
    {
        BoundFrom? from = null;
        var offered = ScopeItems.Empty;
        foreach (var item in items)
        {
            var (bound, names) = Bind(item, scope, offered);
            from = from is null ? bound : new BoundJoin(JoinKind.Inner, from, bound, null);
            offered = Join(offered, names);
        }
        return (from!, offered);
    }

    static ScopeItems Join(ScopeItems left, ScopeItems right)
    {
        if (left.Relations.IsEmpty && left.Columns.IsEmpty)
            return right;
        foreach (var relation in right.Relations)
            if (left.Relations.Any(other => other.Alias == relation.Alias && (other.Schema == relation.Schema || other.Schema is null || relation.Schema is null)))
                throw new PgError(SqlState.DuplicateAlias, $"table name \"{relation.Alias}\" specified more than once");
        return left.With(right);
    }

    /// <param name="lateral">What stands to the left: visible in LATERAL items and functions.</param>
    (BoundFrom From, ScopeItems Items) Bind(Sql.FromItem item, Scope scope, ScopeItems lateral) => item switch
    {
        Sql.TableReference e => Offer(Table(e, scope), e),
        Sql.SubqueryReference e => Subquery(e, scope, lateral),
        Sql.FunctionReference e => Function(e, scope, lateral),
        Sql.JoinReference e => Join(e, scope, lateral),
        _ => throw new System.Diagnostics.UnreachableException($"no FROM rule for {item.GetType().Name}"),
    };

    static (BoundFrom, ScopeItems) Offer((BoundRelation Relation, string? Schema, Relation? Table) source, Sql.FromItem item)
    {
        var renamed = Rename(source.Relation, item.Alias);
        return (renamed, ScopeItems.Of(ScopeRelation.Of(renamed, item.Alias is null ? source.Schema : null, source.Table)));
    }

    static BoundRelation Rename(BoundRelation relation, Sql.Alias? alias)
    {
        if (alias is null) return relation;
        if (alias.Columns.Length > relation.Columns.Length)
            throw new PgError(SqlState.InvalidColumnReference, $"table \"{alias.Name}\" has {relation.Columns.Length} columns available but {alias.Columns.Length} columns specified") { Position = alias.Position };
        return relation with
        {
            Alias = alias.Name,
            Columns = alias.Columns.IsEmpty ? relation.Columns : [.. relation.Columns.Select((column, i) => i < alias.Columns.Length ? column with { Name = alias.Columns[i] } : column)],
        };
    }

    // ---- Tables, views, WITH queries

    (BoundRelation, string?, Relation?) Table(Sql.TableReference e, Scope scope)
    {
        if (e.Name.Schema is null && scope.FindCte(e.Name.Name) is { } cte)
            return (CteReference(cte, e), null, null);

        switch (context.Catalog.FindRelation(e.Name))
        {
            case Relation { Kind: RelationKind.View } view:
                context.Catalog.RequirePrivilege(view, "SELECT");
                context.Touch(view.Oid, Storage.LockMode.AccessShare);
                return (View(view), context.Catalog.SchemaName(view.Schema), null);
            case Relation { Kind: RelationKind.Table or RelationKind.MaterializedView } table:
                if (!table.IsPopulated)
                    throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"materialized view \"{table.Name}\" has not been populated") { Hint = "Use the REFRESH MATERIALIZED VIEW command." };
                context.Catalog.RequirePrivilege(table, "SELECT");
                context.Touch(table.Oid, Storage.LockMode.AccessShare);
                return (Table(table, e), context.Catalog.SchemaName(table.Schema), table);
            case SystemTable system:
                return (SystemTableReference(system), context.Catalog.SchemaName(system.Schema), null);
            case SequenceDefinition sequence:
                return (Sequence(sequence), context.Catalog.SchemaName(sequence.Schema), null);
            case SchemaObject other:
                throw new PgError(SqlState.WrongObjectType, $"cannot open relation \"{other.Name}\"")
                {
                    Position = e.Position,
                    Detail = other is IndexDefinition ? "This operation is not supported for indexes." : "This operation is not supported for composite types.",
                };
            default:
                if (e.Name.Schema is null && scope.IsLaterCte(e.Name.Name))
                    throw new PgError(SqlState.UndefinedTable, $"relation \"{e.Name.Name}\" does not exist")
                    {
                        Position = e.Name.Position,
                        Detail = $"There is a WITH item named \"{e.Name.Name}\", but it cannot be referenced from this part of the query.",
                        Hint = "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.",
                    };
                throw CatalogErrors.UndefinedRelation(e.Name);
        }
    }

    BoundTable Table(Relation table, Sql.TableReference e)
    {
        var bound = Table(table);
        if (e.Sample is not { } sample) return bound;
        if (sample.Method.Name is not ("bernoulli" or "system"))
            throw new PgError(SqlState.UndefinedObject, $"tablesample method {sample.Method.Name} does not exist") { Position = sample.Position };
        if (sample.Arguments.Length != 1)
            throw new PgError(SqlState.InvalidParameterValue, $"tablesample method {sample.Method.Name} requires 1 argument, not {sample.Arguments.Length}") { Position = sample.Position };
        var expressions = new ExpressionBinder(context, Scope.Empty(), "TABLESAMPLE");
        return bound with
        {
            Sample = (sample.Method.Name,
                _coercion.Coerce(expressions.Bind(sample.Arguments[0]), PgTypes.Float4, -1, CastContext.Assignment, sample.Position),
                sample.Repeatable is null ? null : _coercion.Coerce(expressions.Bind(sample.Repeatable), PgTypes.Float8, -1, CastContext.Assignment, sample.Position)),
        };
    }

    /// <summary>A table as a relation of a statement, with a fresh id.</summary>
    public BoundTable Table(Relation table)
        => new(context.NextRelation(), table.Name, table)
        {
            Columns = context.Catalog.ColumnsOf(table),
        };

    BoundDerived View(Relation view)
    {
        var statement = Sql.SqlParser.Parse(view.ViewDefinition!)[0].Statement;
        var query = new QueryBinder(context).Bind(((Sql.QueryStatement)statement).Query, null);
        var columns = view.LiveColumns.ToList();
        return new(context.NextRelation(), view.Name, query)
        {
            Columns = [.. columns.Select(column => new RelationColumn(column.Name, column.Type, column.Typmod, view.Oid, column.Number))],
        };
    }

    BoundSystemTable SystemTableReference(SystemTable table)
        => new(context.NextRelation(), table.Name, table)
        {
            Columns = [.. table.Columns.Select((column, i) => new RelationColumn(column.Name, column.Type, -1, table.Oid, (short)(i + 1)))],
        };

    BoundSystemTable Sequence(SequenceDefinition sequence)
        => SystemTableReference(SequenceTable.Of(sequence));

    BoundCteRef CteReference(CteScope cte, Sql.TableReference e)
    {
        if (cte.HasNoColumns)
            throw new PgError(SqlState.FeatureNotSupported, $"WITH query \"{cte.Name}\" does not have a RETURNING clause") { Position = e.Position };
        cte.References++;
        return new(context.NextRelation(), cte.Name, cte.Id, cte.IsBeingDefined) { Columns = cte.Columns };
    }

    // ---- Subqueries and functions

    (BoundFrom, ScopeItems) Subquery(Sql.SubqueryReference e, Scope scope, ScopeItems lateral)
    {
        if (e.Alias is null)
        {
            var (what, example) = e.Subquery is Sql.ValuesQuery ? ("VALUES", "(VALUES ...)") : ("subquery", "(SELECT ...)");
            throw new PgError(SqlState.SyntaxError, $"{what} in FROM must have an alias") { Position = e.Position, Hint = $"For example, FROM {example} [AS] foo." };
        }
        // What is not lateral must not see its neighbours, but still the WITH queries and outer queries of this level.
        var query = queries.Bind(e.Subquery, new Scope(e.IsLateral ? lateral : ScopeItems.Empty, scope) { Hidden = e.IsLateral ? ScopeItems.Empty : lateral });
        return Offer((queries.Derived(query, e.Alias.Name) with { IsLateral = e.IsLateral }, null, null), e);
    }

    // In FROM, unnest of several arrays is ROWS FROM (unnest, unnest, …).
    static IEnumerable<Sql.RowsFromFunction> SplitUnnest(Sql.RowsFromFunction function)
        => function.Function is Sql.FunctionCall { Function: { Schema: null or "pg_catalog", Name: "unnest" }, Arguments.Length: > 1 } call
            ? call.Arguments.Select(argument => function with { Function = call with { Arguments = [argument] } })
            : [function];

    (BoundFrom, ScopeItems) Function(Sql.FunctionReference e, Scope scope, ScopeItems lateral)
    {
        var expressions = new ExpressionBinder(context, new Scope(lateral, scope), ExpressionBinder.FunctionsInFrom);
        var calls = ImmutableArray.CreateBuilder<BoundExpression>();
        var columns = new List<RelationColumn>();
        var counts = ImmutableArray.CreateBuilder<int>();
        var functions = e.Functions.SelectMany(SplitUnnest).ToList();
        foreach (var function in functions)
        {
            var name = TargetBinder.NameOf(function.Function) ?? "?column?";
            var call = expressions.BindResolved(function.Function);
            var definitions = function.Columns.Length > 0 ? function.Columns : functions.Count == 1 ? e.Columns : [];
            var produced = FunctionColumns(call, name, definitions, e).ToList();
            calls.Add(definitions.Length > 0 ? call with { Type = RecordOf(produced) } : call);
            // A function of one unnamed column is named for the alias.
            if (produced.Count == 1 && functions.Count == 1 && e.Alias is { Columns.Length: 0 } alias && definitions.IsEmpty && ExpressionBinder.OutputColumns(call) is null && context.Catalog.CompositeColumns(call.Type) is null)
                produced[0] = produced[0] with { Name = alias.Name };
            counts.Add(produced.Count);
            columns.AddRange(produced);
        }
        if (e.WithOrdinality)
            columns.Add(new("ordinality", PgTypes.Int8));
        var scan = new BoundFunctionScan(context.NextRelation(), TargetBinder.NameOf(e.Functions[0].Function) ?? "function", calls.ToImmutable(), e.WithOrdinality)
        {
            Columns = [.. columns],
            ColumnCounts = counts.ToImmutable(),
            IsLateral = true,
        };
        return Offer((scan, null, null), e);
    }

    /// <summary>The type record with the columns that a definition list gives it, so that the function can know them.</summary>
    static PgType RecordOf(IEnumerable<RelationColumn> columns) => new()
    {
        Oid = PgTypes.Record.Oid,
        Name = PgTypes.Record.Name,
        Length = PgTypes.Record.Length,
        Kind = PgTypes.Record.Kind,
        Category = PgTypes.Record.Category,
        Codec = new RecordCodec([.. columns.Select(column => new RecordField(column.Name, column.Type, column.Typmod))]),
    };

    IEnumerable<RelationColumn> FunctionColumns(BoundExpression call, string name, ImmutableArray<Sql.ColumnDefinition> definitions, Sql.FunctionReference e)
    {
        if (definitions.Length > 0)
        {
            if (call.Type != PgTypes.Record)
                throw PgError.Syntax("a column definition list is only allowed for functions returning \"record\"", definitions[0].Position);
            return definitions.Select(definition =>
            {
                var (type, typmod) = context.Catalog.ResolveType(definition.Type!);
                return new RelationColumn(definition.Name, type, typmod);
            });
        }
        if (ExpressionBinder.OutputColumns(call) is { } outputs)
            return outputs.Select(output => new RelationColumn(output.Name, output.Type));
        if (context.Catalog.CompositeColumns(call.Type) is { } composite)
            return composite.Select(column => new RelationColumn(column.Name, column.Type, column.Typmod));
        if (call.Type == PgTypes.Record)
            throw PgError.Syntax("a column definition list is required for functions returning \"record\"", e.Position);
        return [new RelationColumn(name, call.Type, call.Typmod)];
    }

    // ---- Joins

    (BoundFrom, ScopeItems) Join(Sql.JoinReference e, Scope scope, ScopeItems lateral)
    {
        var (left, leftItems) = Bind(e.Left, scope, lateral);
        var (right, rightItems) = Bind(e.Right, scope, lateral.With(leftItems));
        var kind = (JoinKind)e.Kind;
        if ((kind is JoinKind.Left or JoinKind.Full && HasWorkingTable(right)) || (kind is JoinKind.Right or JoinKind.Full && HasWorkingTable(left)))
            throw new PgError(SqlState.InvalidRecursion, $"recursive reference to query \"{WorkingTable(left) ?? WorkingTable(right)}\" must not appear within an outer join") { Position = (HasWorkingTable(right) ? e.Right : e.Left).Position };
        var both = Join(leftItems, rightItems);

        var merged = e.IsNatural
            ? [.. leftItems.Columns.Select(column => column.Name).Where(name => rightItems.Columns.Any(other => other.Name == name)).Distinct()]
            : e.Using;
        BoundExpression? condition = null;
        if (merged.Length > 0)
            (both, condition) = Using(e, merged, leftItems, rightItems, both);
        else if (e.Condition is not null)
            condition = new ExpressionBinder(context, new Scope(both, scope) { Hidden = lateral }, "JOIN conditions").BindCondition(e.Condition, "JOIN/ON");

        if (e.UsingAlias is { } usingAlias)
            both = both with { Relations = both.Relations.Add(new(usingAlias.Name, null, [.. both.Columns.Take(merged.Length)], 0, null)) };
        if (e.Alias is { } alias)
        {
            var columns = both.Columns.Select((column, i) => i < alias.Columns.Length ? column with { Name = alias.Columns[i] } : column).ToImmutableArray();
            both = new([new ScopeRelation(alias.Name, null, columns, 0, null)], columns);
        }
        return (new BoundJoin(kind, left, right, condition), both);
    }

    static bool HasWorkingTable(BoundFrom from) => WorkingTable(from) is not null;

    static string? WorkingTable(BoundFrom from) => from switch
    {
        BoundCteRef { IsWorkingTable: true } reference => reference.Alias,
        BoundJoin join => WorkingTable(join.Left) ?? WorkingTable(join.Right),
        _ => null,
    };

    /// <summary>USING and NATURAL: the merged columns come first, then what is left of each side.</summary>
    (ScopeItems Items, BoundExpression Condition) Using(Sql.JoinReference e, ImmutableArray<string> names, ScopeItems left, ScopeItems right, ScopeItems both)
    {
        var expressions = new ExpressionBinder(context, Scope.Empty());
        var conditions = new List<BoundExpression>();
        var merged = new List<ScopeColumn>();
        foreach (var name in names)
        {
            var a = Find(left, name, "left");
            var b = Find(right, name, "right");
            conditions.Add(_coercion.ToBoolean(expressions.Apply(null, "=", a.Expression, b.Expression, e.Position), "JOIN/USING", e.Position));
            var pair = _coercion.ToCommonType([a.Expression, b.Expression], "JOIN/USING", out var type);
            var value = e.Kind switch
            {
                Sql.JoinKind.Full => new BoundCoalesce(pair, type),
                Sql.JoinKind.Right => pair[1],
                _ => pair[0],
            };
            merged.Add(e.Kind == Sql.JoinKind.Right ? b with { Expression = value } : a with { Expression = value });
        }
        var columns = merged
            .Concat(left.Columns.Where(column => !names.Contains(column.Name)))
            .Concat(right.Columns.Where(column => !names.Contains(column.Name)));
        return (both with { Columns = [.. columns] }, conditions.Count == 1 ? conditions[0] : new BoundLogical(true, [.. conditions]));

        ScopeColumn Find(ScopeItems side, string name, string word)
        {
            var found = side.Columns.Where(column => column.Name == name).ToList();
            if (found.Count == 0)
                throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" specified in USING clause does not exist in {word} table") { Position = e.Position };
            if (found.Count > 1)
                throw new PgError(SqlState.AmbiguousColumn, $"common column name \"{name}\" appears more than once in {word} table") { Position = e.Position };
            return found[0];
        }
    }
}
