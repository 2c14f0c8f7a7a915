using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Indexes.BTree;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Compiles the expressions that belong to a table's definition: rules, index keys, predicates.</summary>
internal sealed class TableCompiler
{
    /// <summary>Relation id under which a table's own columns stand in these expressions.</summary>
    const int Own = 0;

    readonly Relation _relation;
    readonly ExpressionBinder _binder;
    readonly Planner _planner;
    readonly Column[] _live;

    public TableCompiler(Relation relation, NameResolver names)
    {
        _relation = relation;
        _live = [.. relation.LiveColumns];
        var columns = _live.Select((column, i) => new ScopeColumn(column.Name, new BoundColumn(Own, i, column.Name, column.Type, column.Typmod), relation.Oid, column.Number)).ToImmutableArray();
        var scope = new Scope(ScopeItems.Of(new ScopeRelation(relation.Name, null, columns, Own, relation)), null);
        _binder = new ExpressionBinder(new BindingContext(names, TypeSettings.Default, null), scope);
        _planner = new Planner(new DefinitionPlannerContext());
    }

    public TableRules Rules()
    {
        var compiler = new ExpressionCompiler(_planner, new RowLayout([.. _live.Select((_, i) => new PlanColumn(Own, i))]), null);
        var checks = _relation.Constraints.Where(constraint => constraint.Kind == ConstraintKind.Check).OrderBy(constraint => constraint.Name, StringComparer.Ordinal)
            .Select(constraint => (constraint.Name, compiler.Compile(_binder.BindText(constraint.Expression!, PgTypes.Bool)))).ToImmutableArray();
        var generated = Enumerable.Range(0, _live.Length).Where(i => _live[i].IsGenerated)
            .Select(i => (i, compiler.Compile(_binder.BindText(_live[i].Default!, _live[i].Type, _live[i].Typmod)))).ToImmutableArray();
        return new([.. Enumerable.Range(0, _live.Length).Where(i => _live[i].NotNull)], checks, generated, _planner.Statement.Slots);
    }

    public BTreeAccess Index(StoredTable table, IndexDefinition definition, BTreeIndex tree)
    {
        var (keys, expressions, predicate, predicateEvaluator, rowColumns) = Compile(definition);
        return new(table, definition, tree, keys, expressions, predicate, predicateEvaluator, rowColumns);
    }

    public VectorAccess VectorIndex(StoredTable table, VectorTree tree, IndexDefinition definition)
    {
        var (keys, expressions, predicate, predicateEvaluator, rowColumns) = Compile(definition);
        var typmod = keys[0].Expression?.Typmod ?? _live[keys[0].Column].Typmod;
        return new(table, tree, definition, keys[0], typmod, expressions[0], predicate, predicateEvaluator, rowColumns);
    }

    (ImmutableArray<IndexKeyColumn> Keys, Evaluator?[] Expressions, BoundExpression? Predicate, Evaluator? PredicateEvaluator, int[] RowColumns) Compile(IndexDefinition definition)
    {
        var bound = definition.Keys.Select(key => key.Expression is { } text ? _binder.BindResolved(Sql.SqlParser.ParseExpression(text)) : null).ToList();
        var predicate = definition.Predicate is null ? null : _binder.BindText(definition.Predicate, PgTypes.Bool);

        var keys = definition.Keys.Select((key, i) => bound[i] is { } expression
            ? new IndexKeyColumn(-1, expression, expression.Type, key.Descending, key.NullsFirst)
            : KeyColumn(key)).ToImmutableArray();
        var rowColumns = new SortedSet<int>(keys.Where(key => key.Column >= 0).Select(key => key.Column));
        foreach (var expression in bound.Append(predicate))
            if (expression is not null)
                QueryTree.Visit(expression, node =>
                {
                    if (node is BoundColumn column) rowColumns.Add(column.Column);
                });

        var order = rowColumns.ToArray();
        var compiler = new ExpressionCompiler(_planner, new RowLayout([.. order.Select(column => new PlanColumn(Own, column))]), null);
        return (keys, [.. bound.Select(compiler.CompileOptional)], predicate, compiler.CompileOptional(predicate), order);
    }

    IndexKeyColumn KeyColumn(IndexKey key)
    {
        var position = System.Array.FindIndex(_live, column => column.Number == key.Column);
        return new(position, null, _live[position].Type, key.Descending, key.NullsFirst);
    }

    /// <summary>Expressions of definitions are planned outside any session, with every method allowed.</summary>
    sealed class DefinitionPlannerContext : PlannerContext
    {
        public override Session Session => null!;
        public override TableAccess Table(Relation relation) => throw PgError.Unsupported("a subquery in a constraint, generated column or index");
        public override PlanNode PlanModification(Planner planner, BoundModification modification) => throw PgError.Unsupported("a data-modifying statement in a definition");
    }
}

/// <summary>What index expressions are evaluated in: they are immutable, so no session matters. One per thread, because of its slots.</summary>
internal static class IndexEvaluation
{
    /// <summary>More CASE inputs and array casts than an index expression nests.</summary>
    const int Slots = 64;

    [ThreadStatic]
    static ExecutionState? _state;

    public static ExecutionState State => _state ??= new ExecutionState(null!, null, null!, [], Slots, CancellationToken.None);
}
