using System.Collections.Immutable;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds SELECT, VALUES and set operations, with their WITH clauses.</summary>
public sealed class QueryBinder(BindingContext context)
{
    readonly Coercion _coercion = context.Coercion;

    /// <summary>A query, seen from inside <paramref name="outer"/> (null at the top). Its columns have no unknown types left.</summary>
    public BoundQuery Bind(Sql.Query syntax, Scope? outer)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return ResolveUnknowns(BindWithUnknowns(syntax, outer));
    }

    /// <summary>The same, but literals in the target list may still be unknown: for INSERT, whose columns decide.</summary>
    public BoundQuery BindWithUnknowns(Sql.Query syntax, Scope? outer)
    {
        var scope = new Scope(ScopeItems.Empty, outer);
        var ctes = new CteBinder(context, this).Bind(syntax.With, scope);
        BoundQuery bound = syntax switch
        {
            Sql.SelectQuery select => Select(select, scope),
            Sql.ValuesQuery values => Values(values, scope),
            Sql.SetOperationQuery operation => SetOperation(operation, scope),
            _ => throw new System.Diagnostics.UnreachableException($"no binding rule for {syntax.GetType().Name}"),
        };
        return ctes.IsEmpty ? bound : bound with { Ctes = [.. ctes.Select(cte => cte with { ReferenceCount = scope.Ctes[cte.Name].References })] };
    }

    BoundQuery ResolveUnknowns(BoundQuery query)
        => query.Targets.Any(static target => target.Expression.Type == PgTypes.Unknown)
            ? query with { Targets = [.. query.Targets.Select(target => target with { Expression = _coercion.ResolveUnknown(target.Expression) })] }
            : query;

    // ---- SELECT

    BoundSelect Select(Sql.SelectQuery syntax, Scope scope)
    {
        if (syntax.Into is { } into)
            throw PgError.Syntax("SELECT ... INTO is not allowed here", into.Position);

        BoundFrom? from = null;
        if (syntax.From.Length > 0)
            (from, scope.Items) = new FromBinder(context, this).Bind(syntax.From, scope);

        scope.Windows = [];
        foreach (var window in syntax.Windows)
            if (!scope.NamedWindows.TryAdd(window.Name!, window))
                throw new PgError(SqlState.WindowingError, $"window \"{window.Name}\" is already defined") { Position = window.Position };

        var where = syntax.Where is null ? null : new ExpressionBinder(context, scope, "WHERE").BindCondition(syntax.Where, "WHERE");
        var expressions = new ExpressionBinder(context, scope);
        var targets = new TargetBinder(context, expressions, scope).Bind(syntax.Targets);
        var visible = targets.Count;

        var orderBy = new List<BoundSortKey>(syntax.OrderBy.Length);
        foreach (var item in syntax.OrderBy)
            orderBy.Add(OrderKey(item, targets, visible, expressions));
        var (groupBy, sets) = syntax.GroupBy.IsEmpty ? ([], AllRows) : new GroupingBinder(context, scope, targets).Bind(syntax.GroupBy, syntax.IsGroupByDistinct);
        var having = syntax.Having is null ? null : expressions.BindCondition(syntax.Having, "HAVING");

        var distinctOn = new List<BoundExpression>(syntax.DistinctOn.Length);
        foreach (var item in syntax.DistinctOn)
            distinctOn.Add(DistinctOnKey(item, targets, visible, expressions));
        if (distinctOn.Count > 0)
            RequireDistinctOnFirst(distinctOn, orderBy, syntax);
        if (syntax.IsDistinct && distinctOn.Count == 0)
        {
            if (orderBy.Exists(key => !targets.Take(visible).Any(target => BoundTree.Same(target.Expression, key.Expression))))
                throw new PgError(SqlState.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
                {
                    Position = syntax.OrderBy[orderBy.FindIndex(key => !targets.Take(visible).Any(target => BoundTree.Same(target.Expression, key.Expression)))].Value.Position,
                };
            foreach (var target in targets)
                if (target.Expression.Type != PgTypes.Unknown && !target.Expression.Type.Codec.IsOrdered)
                    throw new PgError(SqlState.UndefinedFunction, $"could not identify an equality operator for type {target.Expression.Type}");
        }

        var isGrouped = syntax.GroupBy.Length > 0 || having is not null
            || targets.Exists(static target => HasAggregate(target.Expression)) || orderBy.Exists(static key => HasAggregate(key.Expression));
        var select = new BoundSelect
        {
            Targets = [.. targets],
            From = from,
            Where = where,
            IsGrouped = isGrouped,
            GroupBy = groupBy,
            GroupingSets = sets,
            Having = having,
            Windows = [.. scope.Windows],
            IsDistinct = syntax.IsDistinct && distinctOn.Count == 0,
            DistinctOn = [.. distinctOn],
            OrderBy = [.. orderBy],
            Limit = RowCount(syntax.Limit, "LIMIT", scope),
            WithTies = syntax.WithTies,
            Offset = RowCount(syntax.Offset, "OFFSET", scope),
            RowLocks = RowLocks(syntax.Locking, scope),
        };
        if (isGrouped)
            GroupingCheck.Check(select, scope, context.Catalog);
        if (!select.RowLocks.IsEmpty)
            RequireLockable(select, syntax);
        return select;
    }

    // Without GROUP BY there is one grouping set, of no keys.
    static readonly ImmutableArray<ImmutableArray<int>> AllRows = [[]];

    static bool HasAggregate(BoundExpression expression) => BoundTree.Any(expression, node => node is BoundAggregate or BoundGrouping);

    BoundSelect Values(Sql.ValuesQuery syntax, Scope scope)
    {
        var relation = BindValues(syntax, scope, "*VALUES*", null);
        scope.Items = ScopeItems.Of(ScopeRelation.Of(relation));
        var targets = scope.Items.Columns.Select(column => new BoundTarget(column.Expression, column.Name)).ToList();
        var visible = targets.Count;
        var expressions = new ExpressionBinder(context, scope);
        var orderBy = syntax.OrderBy.Select(item => OrderKey(item, targets, visible, expressions)).ToImmutableArray();
        if (syntax.Locking.Length > 0)
            throw PgError.Unsupported($"{LockName(syntax.Locking[0].Strength)} on VALUES", syntax.Locking[0].Position);
        return new BoundSelect
        {
            Targets = [.. targets],
            From = relation,
            OrderBy = orderBy,
            Limit = RowCount(syntax.Limit, "LIMIT", scope),
            WithTies = syntax.WithTies,
            Offset = RowCount(syntax.Offset, "OFFSET", scope),
        };
    }

    /// <summary>VALUES rows as a relation with columns column1, column2, … of the rows' common types.</summary>
    /// <param name="targetTypes">Types to coerce to instead (INSERT … VALUES with several rows); null for the common types.</param>
    public BoundValues BindValues(Sql.ValuesQuery syntax, Scope scope, string alias, Func<int, BoundExpression, int, BoundExpression>? targetTypes)
    {
        var width = syntax.Rows[0].Length;
        var expressions = new ExpressionBinder(context, scope, "VALUES");
        var rows = new List<BoundExpression[]>(syntax.Rows.Length);
        foreach (var row in syntax.Rows)
        {
            if (row.Length != width)
                throw PgError.Syntax("VALUES lists must all be the same length", row.Length == 0 ? syntax.Position : row[0].Position);
            rows.Add([.. row.Select((value, i) => targetTypes is null
                ? expressions.Bind(value)
                : targetTypes(i, value is Sql.DefaultExpression ? new BoundDefault(value.Position) : expressions.Bind(value), Sql.Location.Of(value)))]);
        }

        var columns = new RelationColumn[width];
        for (var i = 0; i < width; i++)
        {
            if (targetTypes is null)
            {
                var column = i;
                var common = _coercion.ToCommonType(rows.ConvertAll(row => row[column]), "VALUES", out var type, [.. syntax.Rows.Select(row => row[column].Position)]);
                for (var j = 0; j < rows.Count; j++)
                    rows[j][i] = common[j];
                columns[i] = new($"column{i + 1}", type, rows.TrueForAll(row => row[column].Typmod == rows[0][column].Typmod) ? rows[0][i].Typmod : -1);
            }
            else
            {
                columns[i] = new($"column{i + 1}", rows[0][i].Type);
            }
        }
        return new BoundValues(context.NextRelation(), alias, [.. rows.Select(row => row.ToImmutableArray())]) { Columns = [.. columns] };
    }

    // ---- Set operations

    BoundSetOperation SetOperation(Sql.SetOperationQuery syntax, Scope scope)
    {
        // WITH of the whole operation is visible in both sides; their own scopes hang below this one.
        var left = BindWithUnknowns(syntax.Left, scope);
        var right = BindWithUnknowns(syntax.Right, scope);
        var word = syntax.Operator.ToString().ToUpperInvariant();
        var leftTargets = left.VisibleTargets.ToList();
        var rightTargets = right.VisibleTargets.ToList();
        if (leftTargets.Count != rightTargets.Count)
            throw PgError.Syntax($"each {word} query must have the same number of columns", TargetPosition(syntax.Right, 0));

        var relation = context.NextRelation();
        var targets = new List<BoundTarget>();
        var types = new List<(PgType Type, int Typmod)>();
        for (var i = 0; i < leftTargets.Count; i++)
        {
            var type = _coercion.CommonType([leftTargets[i].Expression, rightTargets[i].Expression], word, [syntax.Left.Position, TargetPosition(syntax.Right, i)]);
            var typmod = leftTargets[i].Expression.Typmod == rightTargets[i].Expression.Typmod && leftTargets[i].Expression.Type == type && rightTargets[i].Expression.Type == type
                ? leftTargets[i].Expression.Typmod : -1;
            if (!(syntax.IsAll && syntax.Operator == Sql.SetOperator.Union) && !type.Codec.IsOrdered)
                throw new PgError(SqlState.UndefinedFunction, $"could not identify an equality operator for type {type}") { Position = TargetPosition(syntax.Left, i) };
            types.Add((type, typmod));
            targets.Add(new(new BoundColumn(relation, i, leftTargets[i].Name, type, typmod), leftTargets[i].Name));
        }

        scope.Items = new([], [.. targets.Select(target => new ScopeColumn(target.Name, target.Expression))]);
        var visible = targets.Count;
        var expressions = new ExpressionBinder(context, scope);
        var orderBy = syntax.OrderBy.Select(item => OrderKey(item, targets, visible, expressions)).ToImmutableArray();
        if (targets.Count > visible)
            throw new PgError(SqlState.FeatureNotSupported, $"invalid {word}/INTERSECT/EXCEPT ORDER BY clause".Replace($"{word}/INTERSECT/EXCEPT", "UNION/INTERSECT/EXCEPT", StringComparison.Ordinal))
            {
                Position = Sql.Location.Of(syntax.OrderBy[0].Value),
                Detail = "Only result column names can be used, not expressions or functions.",
                Hint = "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
            };
        if (syntax.Locking.Length > 0)
            throw new PgError(SqlState.FeatureNotSupported, $"{LockName(syntax.Locking[0].Strength)} is not allowed with UNION/INTERSECT/EXCEPT") { Position = syntax.Locking[0].Position };
        return new BoundSetOperation
        {
            Kind = (SetOperationKind)syntax.Operator,
            All = syntax.IsAll,
            Left = Retype(left, types, word),
            Right = Retype(right, types, word),
            ResultRelation = relation,
            Targets = [.. targets],
            OrderBy = orderBy,
            Limit = RowCount(syntax.Limit, "LIMIT", scope),
            WithTies = syntax.WithTies,
            Offset = RowCount(syntax.Offset, "OFFSET", scope),
        };
    }

    static int TargetPosition(Sql.Query query, int index)
        => query is Sql.SelectQuery select && index < select.Targets.Length ? Sql.Location.Of(select.Targets[index].Value) : query.Position;

    /// <summary>A query whose visible columns are made to have these types.</summary>
    public BoundQuery Retype(BoundQuery query, IReadOnlyList<(PgType Type, int Typmod)> types, string construct)
    {
        if (query.VisibleTargets.Select((target, i) => target.Expression.Type == types[i].Type).All(same => same))
            return query;
        if (query is BoundSelect { IsDistinct: false } or BoundSelect { OrderBy.IsEmpty: true })
        {
            var at = 0;
            return query with { Targets = [.. query.Targets.Select(target => target.IsJunk ? target : target with { Expression = Coerce(target.Expression, at++) })] };
        }

        // What its columns are compared by must not change: cast above it.
        var relation = Derived(query, "unnamed_subquery");
        return new BoundSelect
        {
            From = relation,
            Targets = [.. relation.Columns.Select((column, i) => new BoundTarget(Coerce(new BoundColumn(relation.Id, i, column.Name, column.Type, column.Typmod), i), column.Name))],
        };

        BoundExpression Coerce(BoundExpression value, int i)
            => _coercion.Coerce(value, types[i].Type, -1, CastContext.Implicit, 0, () => new PgError(
                SqlState.CannotCoerce, $"{construct} could not convert type {value.Type} to {types[i].Type}"));
    }

    /// <summary>A query as a relation of FROM.</summary>
    public BoundDerived Derived(BoundQuery query, string alias)
        => new(context.NextRelation(), alias, query)
        {
            Columns = [.. query.VisibleTargets.Select(target => new RelationColumn(target.Name, target.Expression.Type, target.Expression.Typmod, target.TableOid, target.AttributeNumber))],
        };

    // ---- ORDER BY, LIMIT, locks

    BoundSortKey OrderKey(Sql.SortItem item, List<BoundTarget> targets, int visible, ExpressionBinder expressions)
    {
        var at = TargetAt(item.Value, targets, visible, expressions, "ORDER BY");
        if (targets[at].Expression.Type == PgTypes.Unknown)
            targets[at] = targets[at] with { Expression = _coercion.ResolveUnknown(targets[at].Expression) };
        return ExpressionBinder.SortKey(item, targets[at].Expression);
    }

    BoundExpression DistinctOnKey(Sql.Expression item, List<BoundTarget> targets, int visible, ExpressionBinder expressions)
    {
        var at = TargetAt(item, targets, visible, expressions, "DISTINCT ON");
        targets[at] = targets[at] with { Expression = _coercion.ResolveUnknown(targets[at].Expression) };
        return targets[at].Expression;
    }

    /// <summary>
    /// The target that a sort or distinct expression means: an output name, a position, or an equal expression; a new junk
    /// target when it is none of these.
    /// </summary>
    static int TargetAt(Sql.Expression item, List<BoundTarget> targets, int visible, ExpressionBinder expressions, string clause)
    {
        if (item is Sql.ColumnReference { Names.Length: 1 } name)
        {
            var found = -1;
            for (var i = 0; i < visible; i++)
            {
                if (targets[i].Name != name.Name) continue;
                if (found >= 0 && !BoundTree.Same(targets[found].Expression, targets[i].Expression))
                    throw new PgError(SqlState.AmbiguousColumn, $"{clause} \"{name.Name}\" is ambiguous") { Position = item.Position };
                found = found < 0 ? i : found;
            }
            if (found >= 0) return found;
        }
        if (item is Sql.IntegerConstant position)
            return position.Value >= 1 && position.Value <= visible
                ? position.Value - 1
                : throw new PgError(SqlState.InvalidColumnReference, $"{clause} position {position.Value} is not in select list") { Position = item.Position };
        if (item is Sql.NullConstant or Sql.StringConstant or Sql.NumericConstant or Sql.BigintConstant or Sql.BooleanConstant)
            throw PgError.Syntax($"non-integer constant in {clause}", item.Position);

        var bound = expressions.BindResolved(item);
        var same = targets.FindIndex(target => BoundTree.Same(target.Expression, bound));
        if (same >= 0) return same;
        targets.Add(new(bound, "?column?", IsJunk: true));
        return targets.Count - 1;
    }

    static void RequireDistinctOnFirst(List<BoundExpression> distinctOn, List<BoundSortKey> orderBy, Sql.SelectQuery syntax)
    {
        var matched = orderBy.TakeWhile(key => distinctOn.Exists(on => BoundTree.Same(on, key.Expression))).Count();
        var distinctKeys = distinctOn.Count(on => orderBy.Take(matched).Any(key => BoundTree.Same(on, key.Expression)));
        if (matched < orderBy.Count && distinctKeys < distinctOn.Count)
            throw new PgError(SqlState.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions") { Position = syntax.DistinctOn[0].Position };
    }

    BoundExpression? RowCount(Sql.Expression? syntax, string clause, Scope scope)
    {
        if (syntax is null or Sql.NullConstant) return null;
        var value = new ExpressionBinder(context, scope, clause).Bind(syntax);
        if (BoundTree.Any(value, node => node is BoundColumn column && scope.Items.Relations.Any(relation => relation.RelationId == column.Relation)))
            throw new PgError(SqlState.InvalidColumnReference, $"argument of {clause} must not contain variables") { Position = syntax.Position };
        return _coercion.TryCoerce(value, PgTypes.Int8, -1, CastContext.Assignment, syntax.Position)
            ?? throw new PgError(SqlState.DatatypeMismatch, $"argument of {clause} must be type bigint, not type {value.Type}").At(syntax.Position);
    }

    static string LockName(Sql.LockStrength strength) => strength switch
    {
        Sql.LockStrength.KeyShare => "FOR KEY SHARE",
        Sql.LockStrength.Share => "FOR SHARE",
        Sql.LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
        _ => "FOR UPDATE",
    };

    ImmutableArray<BoundRowLock> RowLocks(ImmutableArray<Sql.LockingClause> clauses, Scope scope)
    {
        if (clauses.IsEmpty)
            return [];
        var locks = new List<BoundRowLock>();
        foreach (var clause in clauses)
        {
            if (clause.Tables.IsEmpty)
            {
                foreach (var relation in scope.Items.Relations)
                    if (relation.Table is not null) Add(relation, clause);
                continue;
            }
            foreach (var table in clause.Tables)
            {
                var relation = scope.Items.Relations.FirstOrDefault(candidate => candidate.Alias == table.Name)
                    ?? throw new PgError(SqlState.UndefinedTable, $"relation \"{table.Name}\" in {LockName(clause.Strength)} clause not found in FROM clause") { Position = table.Position };
                if (relation.Table is null)
                    throw new PgError(SqlState.FeatureNotSupported, $"{LockName(clause.Strength)} cannot be applied to a function, VALUES, WITH query or view") { Position = table.Position };
                Add(relation, clause);
            }
        }
        return [.. locks];

        void Add(ScopeRelation relation, Sql.LockingClause clause)
        {
            context.Touch(relation.Table!.Oid, Storage.LockMode.RowShare);
            var added = new BoundRowLock(relation.RelationId, (Storage.RowLockMode)clause.Strength, clause.Wait switch
            {
                Sql.LockWait.NoWait => LockWait.NoWait,
                Sql.LockWait.SkipLocked => LockWait.SkipLocked,
                _ => LockWait.Block,
            });
            var at = locks.FindIndex(other => other.Relation == relation.RelationId);
            if (at < 0) locks.Add(added);
            else if (locks[at].Mode < added.Mode) locks[at] = added;
        }
    }

    static void RequireLockable(BoundSelect select, Sql.SelectQuery syntax)
    {
        var what = select.IsDistinct || !select.DistinctOn.IsEmpty ? "DISTINCT clause"
            : !select.GroupBy.IsEmpty ? "GROUP BY clause"
            : select.Having is not null ? "HAVING clause"
            : select.IsGrouped ? "aggregate functions"
            : !select.Windows.IsEmpty ? "window functions"
            : select.Targets.Any(target => BoundTree.Any(target.Expression, node => node is BoundSetCall)) ? "set-returning functions in the target list"
            : null;
        if (what is not null)
            throw new PgError(SqlState.FeatureNotSupported, $"{LockName(syntax.Locking[0].Strength)} is not allowed with {what}");
    }
}
