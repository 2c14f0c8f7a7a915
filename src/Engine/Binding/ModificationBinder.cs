using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds INSERT, UPDATE and DELETE.</summary>
public sealed class ModificationBinder(BindingContext context)
{
    readonly Coercion _coercion = new(context);
    readonly QueryBinder _queries = new(context);

    public BoundModification Bind(Sql.Statement statement, Scope? outer) => statement switch
    {
        Sql.InsertStatement e => Insert(e, outer),
        Sql.UpdateStatement e => Update(e, outer),
        Sql.DeleteStatement e => Delete(e, outer),
        _ => throw new System.Diagnostics.UnreachableException($"no modification rule for {statement.GetType().Name}"),
    };

    // ---- Shared parts

    BoundTable Target(Sql.TableReference reference, string privilege, string verb)
    {
        var table = context.Catalog.FindRelation(reference.Name) switch
        {
            Relation { Kind: RelationKind.Table } found => found,
            Relation { Kind: RelationKind.View } view => throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"cannot {verb} view \"{view.Name}\"")
            {
                Detail = "Views are not automatically updatable here.",
                Hint = "Change the table under the view.",
            },
            Relation { Kind: RelationKind.MaterializedView } view => throw new PgError(SqlState.WrongObjectType, $"cannot change materialized view \"{view.Name}\""),
            SystemViews.SystemTable system => throw new PgError(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog"),
            SequenceDefinition sequence => throw new PgError(SqlState.WrongObjectType, $"cannot change sequence \"{sequence.Name}\""),
            null => throw FromBinder.MissingRelation(reference.Name),
            CatalogObject other => throw new PgError(SqlState.WrongObjectType, $"cannot open relation \"{other.Name}\""),
            _ => throw FromBinder.MissingRelation(reference.Name),
        };
        context.Catalog.RequirePrivilege(table, privilege);
        context.Touch(table.Oid, Storage.LockMode.RowExclusive);
        var bound = new FromBinder(context, _queries).Table(table);
        return reference.Alias is { } alias ? bound with { Alias = alias.Name } : bound;
    }

    ScopeRelation Names(BoundTable target) => ScopeRelation.Of(target, target.Alias == target.Table.Name ? context.Catalog.SchemaName(target.Table.Schema) : null, target.Table);

    ImmutableArray<BoundTarget> Returning(ImmutableArray<Sql.SelectTarget> syntax, Scope scope)
    {
        if (syntax.IsEmpty) return [];
        var expressions = new ExpressionBinder(context, scope, "RETURNING");
        return [.. new TargetBinder(context, expressions, scope).Bind(syntax).Select(target => target with { Expression = _coercion.ResolveUnknown(target.Expression) })];
    }

    static int ColumnAt(BoundTable target, string name, int position)
    {
        for (var i = 0; i < target.Columns.Length; i++)
            if (target.Columns[i].Name == name) return i;
        throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{target.Table.Name}\" does not exist") { Position = position };
    }

    static Column Definition(BoundTable target, int column) => target.Table.Columns[target.Columns[column].Number - 1];

    /// <summary>A value as the column's type. Raises 42804 with the words PostgreSQL has for it.</summary>
    BoundExpression Assign(BoundExpression value, BoundTable target, int column, int position)
    {
        var to = target.Columns[column];
        return _coercion.Coerce(value, to.Type, to.Typmod, CastContext.Assignment, position, () => new PgError(
            SqlState.DatatypeMismatch, $"column \"{to.Name}\" is of type {to.Type} but expression is of type {value.Type}")
        { Hint = "You will need to rewrite or cast the expression." });
    }

    /// <summary>What a column gets when nothing is given: its default, its identity's next value, its domain's default, or NULL.</summary>
    BoundExpression Default(BoundTable target, int column)
    {
        var to = target.Columns[column];
        return DefaultIfAny(target, column)
            ?? _coercion.Coerce(new BoundConstant(Datum.Null, PgTypes.Unknown), to.Type, to.Typmod, CastContext.Assignment, 0);
    }

    /// <summary>A column's default; null when it has none.</summary>
    internal BoundExpression? DefaultIfAny(BoundTable target, int column)
    {
        var definition = Definition(target, column);
        var to = target.Columns[column];
        var text = definition.IsGenerated ? null
            : definition.Identity != Identity.None ? $"nextval('{context.Catalog.IdentitySequence(target.Table.Oid, definition.Number)}'::regclass)"
            : definition.Default ?? context.Catalog.FindDomain(to.Type)?.Default;
        return text is null ? null : new ExpressionBinder(context, Scope.Empty()).BindText(text, to.Type, to.Typmod);
    }

    static void RequirePlain(Sql.AssignmentTarget target, PgType type)
    {
        if (target.Path.IsEmpty) return;
        if (target.Path[0] is Sql.Subscript && type.Element is null && type.SubscriptType is null && type != PgTypes.Jsonb)
            throw new PgError(SqlState.DatatypeMismatch, $"cannot subscript type {type} because it does not support subscripting") { Position = target.Position };
        if (target.Path[0] is Sql.FieldIndirection field && type.Kind != TypeKind.Composite)
            throw new PgError(SqlState.DatatypeMismatch, $"cannot assign to field \"{field.Field}\" of column \"{target.Column}\" because its type {type} is not a composite type") { Position = target.Position };
        if (target.Path.Length > 0)
            throw PgError.Unsupported("assignment to a part of a column", target.Position);
    }

    // ---- INSERT

    BoundInsert Insert(Sql.InsertStatement syntax, Scope? outer)
    {
        var with = new Scope(ScopeItems.Empty, outer);
        var ctes = new CteBinder(context, _queries).Bind(syntax.With, with);
        var target = Target(syntax.Table, "INSERT", "insert into");
        var columns = InsertColumns(syntax, target);

        var source = Source(syntax, target, columns, with);
        var given = source.VisibleTargets.Count();
        var names = syntax.Columns.Length > 0;
        if (given > columns.Count)
            throw PgError.Syntax("INSERT has more expressions than target columns", SourcePosition(syntax.Source!, columns.Count));
        if (given < columns.Count && names)
            throw PgError.Syntax("INSERT has more target columns than expressions", syntax.Columns[given].Position);

        var full = FillDefaults(source, target, [.. columns.Take(given)], syntax);
        var targetNames = Names(target);
        var scope = new Scope(ScopeItems.Of(targetNames), with);
        return new BoundInsert
        {
            Ctes = Counted(ctes, with),
            Target = target,
            Source = full,
            OnConflict = syntax.OnConflict is null ? null : OnConflict(syntax.OnConflict, target, targetNames, with),
            Targets = Returning(syntax.Returning, scope),
        };
    }

    static ImmutableArray<BoundCte> Counted(ImmutableArray<BoundCte> ctes, Scope scope)
        => [.. ctes.Select(cte => cte with { ReferenceCount = scope.Ctes[cte.Name].References })];

    static int SourcePosition(Sql.Query source, int index) => source switch
    {
        Sql.ValuesQuery values when index < values.Rows[0].Length => values.Rows[0][index].Position,
        Sql.SelectQuery select when index < select.Targets.Length => Sql.Location.Of(select.Targets[index].Value),
        _ => source.Position,
    };

    static List<int> InsertColumns(Sql.InsertStatement syntax, BoundTable target)
    {
        if (syntax.Columns.IsEmpty)
            return [.. Enumerable.Range(0, target.Columns.Length)];
        var columns = new List<int>();
        foreach (var column in syntax.Columns)
        {
            var at = ColumnAt(target, column.Column, column.Position);
            RequirePlain(column, target.Columns[at].Type);
            if (columns.Contains(at))
                throw new PgError(SqlState.DuplicateColumn, $"column \"{column.Column}\" specified more than once") { Position = column.Position };
            columns.Add(at);
        }
        return columns;
    }

    /// <summary>The rows to insert, one target for each listed column, already of the columns' types.</summary>
    BoundQuery Source(Sql.InsertStatement syntax, BoundTable target, List<int> columns, Scope with)
    {
        switch (syntax.Source)
        {
            case null:
                return new BoundSelect { Targets = [] };

            case Sql.ValuesQuery { OrderBy.IsEmpty: true, Limit: null, Offset: null, With: null } values:
                if (values.Rows[0].Length > columns.Count)
                    throw PgError.Syntax("INSERT has more expressions than target columns", values.Rows[0][columns.Count].Position);
                var scope = new Scope(ScopeItems.Empty, with);
                if (values.Rows.Length == 1)
                    return OneRow(values.Rows[0], target, columns, scope, syntax);
                var rows = _queries.BindValues(values, scope, "*VALUES*", (i, value, position) => value is BoundDefault
                    ? GivenDefault(target, columns[i], syntax)
                    : Given(value, target, columns[i], position, syntax));
                if (rows.Rows is [var only])
                    return new BoundSelect { Targets = [.. only.Select((value, i) => new BoundTarget(value, rows.Columns[i].Name))] };
                return new BoundSelect
                {
                    From = rows,
                    Targets = [.. rows.Columns.Select((column, i) => new BoundTarget(new BoundColumn(rows.Id, i, column.Name, column.Type, column.Typmod), column.Name))],
                };

            default:
                var query = _queries.BindWithUnknowns(syntax.Source, with);
                var given = query.VisibleTargets.ToList();
                if (given.Count > columns.Count) return query;
                for (var i = 0; i < given.Count; i++)
                    RequireAssignable(target, columns[i], false, syntax);
                return Assigned(query, given, target, columns, syntax.Source);
        }
    }

    /// <summary>One row of VALUES needs no relation: it is a SELECT without FROM.</summary>
    BoundSelect OneRow(ImmutableArray<Sql.Expression> row, BoundTable target, List<int> columns, Scope scope, Sql.InsertStatement syntax)
    {
        var expressions = new ExpressionBinder(context, scope, "VALUES");
        return new()
        {
            Targets = [.. row.Select((value, i) => new BoundTarget(
                value is Sql.DefaultExpression
                    ? GivenDefault(target, columns[i], syntax)
                    : Given(expressions.Bind(value), target, columns[i], Sql.Location.Of(value), syntax),
                target.Columns[columns[i]].Name))],
        };
    }

    /// <summary>A query's columns assigned to table columns: in place where that is the same, else above it.</summary>
    BoundQuery Assigned(BoundQuery query, List<BoundTarget> given, BoundTable target, List<int> columns, Sql.Query syntax)
    {
        if (query is BoundSelect { IsDistinct: false, OrderBy.IsEmpty: true, DistinctOn.IsEmpty: true } select)
        {
            var at = 0;
            return select with { Targets = [.. query.Targets.Select(t => t.IsJunk ? t : t with { Expression = Assign(t.Expression, target, columns[at], SourcePosition(syntax, at++)) })] };
        }
        var resolved = query with { Targets = [.. query.Targets.Select(t => t with { Expression = _coercion.ResolveUnknown(t.Expression) })] };
        var derived = _queries.Derived(resolved, "*SELECT*");
        return new BoundSelect
        {
            From = derived,
            Targets = [.. derived.Columns.Select((column, i) => new BoundTarget(
                Assign(new BoundColumn(derived.Id, i, column.Name, column.Type, column.Typmod), target, columns[i], 0), column.Name))],
        };
    }

    BoundExpression Given(BoundExpression value, BoundTable target, int column, int position, Sql.InsertStatement syntax)
    {
        RequireAssignable(target, column, false, syntax);
        return Assign(value, target, column, position);
    }

    BoundExpression GivenDefault(BoundTable target, int column, Sql.InsertStatement syntax)
    {
        RequireAssignable(target, column, true, syntax);
        return Default(target, column);
    }

    static void RequireAssignable(BoundTable target, int column, bool isDefault, Sql.InsertStatement syntax)
    {
        var definition = Definition(target, column);
        if (isDefault) return;
        if (definition.IsGenerated)
            throw new PgError(SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{definition.Name}\"") { Detail = $"Column \"{definition.Name}\" is a generated column." };
        if (definition.Identity == Identity.Always && syntax.Overriding == Sql.Overriding.None)
            throw new PgError(SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{definition.Name}\"")
            {
                Detail = $"Column \"{definition.Name}\" is an identity column defined as GENERATED ALWAYS.",
                Hint = "Use OVERRIDING SYSTEM VALUE to override.",
            };
    }

    /// <summary>Adds what the statement did not list, and puts the columns in the table's order.</summary>
    BoundQuery FillDefaults(BoundQuery source, BoundTable target, List<int> columns, Sql.InsertStatement syntax)
    {
        var given = source.VisibleTargets.ToList();
        var inOrder = new BoundTarget[target.Columns.Length];
        for (var column = 0; column < inOrder.Length; column++)
        {
            var at = columns.IndexOf(column);
            var overridden = at >= 0 && syntax.Overriding == Sql.Overriding.UserValue && Definition(target, column).Identity != Identity.None;
            inOrder[column] = at >= 0 && !overridden ? given[at] : new(Default(target, column), target.Columns[column].Name);
        }
        if (source is BoundSelect { IsDistinct: false, Limit: null, Offset: null, OrderBy.IsEmpty: true, DistinctOn.IsEmpty: true } && !source.Targets.Any(t => BoundTree.Any(t.Expression, n => n is BoundSetCall)))
            return source with { Targets = [.. inOrder] };

        // Defaults are computed once for each row that comes out, so they stand above sorting and limits.
        var derived = _queries.Derived(source, "*SELECT*");
        return new BoundSelect
        {
            From = derived,
            Targets = [.. inOrder.Select((t, column) => columns.IndexOf(column) is >= 0 and var at && ReferenceEquals(given[at], t)
                ? new BoundTarget(new BoundColumn(derived.Id, at, t.Name, t.Expression.Type, t.Expression.Typmod), t.Name) : t)],
        };
    }

    // ---- ON CONFLICT

    BoundOnConflict OnConflict(Sql.OnConflictClause syntax, BoundTable target, ScopeRelation targetNames, Scope with)
    {
        var indexes = Arbiters(syntax, target);
        if (!syntax.IsUpdate)
            return new(indexes, null, null, 0);
        if (syntax.Target is null)
            throw new PgError(SqlState.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name")
            {
                Position = syntax.Position,
                Hint = "For example, ON CONFLICT (column_name).",
            };

        context.Catalog.RequirePrivilege(target.Table, "UPDATE");
        var excluded = new BoundTable(context.NextRelation(), "excluded", target.Table) { Columns = target.Columns };
        var excludedNames = ScopeRelation.Of(excluded);
        var scope = new Scope(new([targetNames, excludedNames], targetNames.Columns.AddRange(excludedNames.Columns)), with);
        var set = Assignments(syntax.Assignments, target, scope);
        var where = syntax.Where is null ? null : new ExpressionBinder(context, scope, "WHERE").BindCondition(syntax.Where, "WHERE");
        return new(indexes, set, where, excluded.Id);
    }

    ImmutableArray<uint> Arbiters(Sql.OnConflictClause syntax, BoundTable target)
    {
        if (syntax.Target is not { } conflict) return [];
        var table = target.Table;
        if (conflict.Constraint is { } name)
        {
            var constraint = table.Constraints.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new PgError(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist") { Position = conflict.Position };
            if (constraint.Kind is not (ConstraintKind.PrimaryKey or ConstraintKind.Unique))
                throw new PgError(SqlState.WrongObjectType, "constraint in ON CONFLICT clause has no associated index") { Position = conflict.Position };
            return [constraint.IndexOid];
        }

        var expressions = new ExpressionBinder(context, new Scope(ScopeItems.Of(Names(target)), null), "ON CONFLICT");
        var wanted = conflict.Elements.Select(element => expressions.Bind(element.Expression ?? new Sql.ColumnReference([element.Column!], conflict.Position))).ToList();
        var predicate = conflict.Where is null ? null : expressions.BindCondition(conflict.Where, "WHERE");
        var matching = context.Catalog.IndexesOf(table.Oid).Where(index => index.IsUnique && index.IsValid && Matches(index)).Select(index => index.Oid).ToImmutableArray();
        return matching.Length > 0 ? matching
            : throw new PgError(SqlState.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification");

        bool Matches(IndexDefinition index)
        {
            var keys = index.Keys.Select(key => key.Expression is { } text
                ? expressions.Bind(Sql.SqlParser.ParseExpression(text))
                : KeyColumn(target, key.Column)).ToList();
            if (!keys.TrueForAll(key => wanted.Exists(want => BoundTree.Same(want, key))) || !wanted.TrueForAll(want => keys.Exists(key => BoundTree.Same(want, key))))
                return false;
            return index.Predicate is null
                || (predicate is not null && BoundTree.Same(expressions.BindText(index.Predicate, PgTypes.Bool), predicate));
        }
    }

    static BoundExpression KeyColumn(BoundTable target, short number)
    {
        for (var i = 0; i < target.Columns.Length; i++)
            if (target.Columns[i].Number == number)
                return new BoundColumn(target.Id, i, target.Columns[i].Name, target.Columns[i].Type, target.Columns[i].Typmod);
        throw new System.Diagnostics.UnreachableException("an index key names a column that its table has");
    }

    // ---- UPDATE and DELETE

    BoundUpdate Update(Sql.UpdateStatement syntax, Scope? outer)
    {
        var with = new Scope(ScopeItems.Empty, outer);
        var ctes = new CteBinder(context, _queries).Bind(syntax.With, with);
        var target = Target(syntax.Table, "UPDATE", "update");
        var (from, scope) = Sources(syntax.From, target, with);
        return new BoundUpdate
        {
            Target = target,
            From = from,
            Set = Assignments(syntax.Assignments, target, scope),
            Where = syntax.Where is null ? null : new ExpressionBinder(context, scope, "WHERE").BindCondition(syntax.Where, "WHERE"),
            Targets = Returning(syntax.Returning, scope),
            Ctes = Counted(ctes, with),
        };
    }

    BoundDelete Delete(Sql.DeleteStatement syntax, Scope? outer)
    {
        var with = new Scope(ScopeItems.Empty, outer);
        var ctes = new CteBinder(context, _queries).Bind(syntax.With, with);
        var target = Target(syntax.Table, "DELETE", "delete from");
        var (from, scope) = Sources(syntax.Using, target, with);
        return new BoundDelete
        {
            Target = target,
            Using = from,
            Where = syntax.Where is null ? null : new ExpressionBinder(context, scope, "WHERE").BindCondition(syntax.Where, "WHERE"),
            Targets = Returning(syntax.Returning, scope),
            Ctes = Counted(ctes, with),
        };
    }

    (BoundFrom? From, Scope Scope) Sources(ImmutableArray<Sql.FromItem> items, BoundTable target, Scope with)
    {
        var own = ScopeItems.Of(Names(target));
        if (items.IsEmpty)
            return (null, new Scope(own, with));
        var (from, offered) = new FromBinder(context, _queries).Bind(items, with);
        if (offered.Relations.Any(relation => relation.Alias == target.Alias))
            throw new PgError(SqlState.DuplicateAlias, $"table name \"{target.Alias}\" specified more than once");
        return (from, new Scope(own.With(offered), with));
    }

    ImmutableArray<BoundAssignment> Assignments(ImmutableArray<Sql.Assignment> syntax, BoundTable target, Scope scope)
    {
        var expressions = new ExpressionBinder(context, scope, "UPDATE");
        var assignments = new List<BoundAssignment>();
        foreach (var item in syntax)
        {
            switch (item)
            {
                case Sql.ColumnAssignment single:
                    Add(single.Target, single.Value);
                    break;
                case Sql.MultiAssignment { Source: Sql.RowConstructor row } multiple:
                    if (row.Fields.Length != multiple.Targets.Length)
                        throw PgError.Syntax("number of columns does not match number of values", multiple.Source.Position);
                    for (var i = 0; i < row.Fields.Length; i++)
                        Add(multiple.Targets[i], row.Fields[i]);
                    break;
                case Sql.MultiAssignment { Source: Sql.ScalarSubquery subquery } multiple:
                    AddSubquery(multiple, subquery);
                    break;
                case Sql.MultiAssignment multiple:
                    throw new PgError(SqlState.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression") { Position = multiple.Source.Position };
            }
        }
        return [.. assignments];

        void Add(Sql.AssignmentTarget column, Sql.Expression value)
        {
            if (column.Path is [Sql.Subscript subscript])
            {
                AddPart(column, subscript, value);
                return;
            }
            var at = Column(column);
            var definition = Definition(target, at);
            if (value is Sql.DefaultExpression)
            {
                if (!definition.IsGenerated)
                    assignments.Add(new(at, Default(target, at)));
                return;
            }
            RequireUpdatable(definition);
            assignments.Add(new(at, Assign(expressions.Bind(value), target, at, Sql.Location.Of(value))));
        }

        // Several parts of one column follow each other: each starts from what the one before has made.
        void AddPart(Sql.AssignmentTarget column, Sql.Subscript subscript, Sql.Expression value)
        {
            var at = ColumnAt(target, column.Column, column.Position);
            var to = target.Columns[at];
            if (to.Type.Element is not { } element)
            {
                RequirePlain(column, to.Type);
                return;
            }
            RequireUpdatable(Definition(target, at));
            var before = assignments.FindIndex(other => other.Column == at);
            var array = before >= 0 ? assignments[before].Value : new BoundColumn(target.Id, at, to.Name, to.Type, to.Typmod);
            var assigned = new BoundAssignment(at, subscript.IsSlice
                ? ArrayAssignment.Slice(array, Bound(subscript.Lower), Bound(subscript.Upper), _coercion.Coerce(expressions.Bind(value), to.Type, -1, CastContext.Assignment, Sql.Location.Of(value)))
                : ArrayAssignment.Element(array, Bound(subscript.Upper), _coercion.Coerce(expressions.Bind(value), element, to.Typmod, CastContext.Assignment, Sql.Location.Of(value))));
            if (before >= 0) assignments[before] = assigned;
            else assignments.Add(assigned);

            BoundExpression Bound(Sql.Expression? syntax)
                => syntax is null
                    ? throw PgError.Unsupported("assignment to a slice without both bounds", column.Position)
                    : _coercion.Coerce(expressions.Bind(syntax), PgTypes.Int4, -1, CastContext.Assignment, Sql.Location.Of(syntax));
        }

        int Column(Sql.AssignmentTarget column)
        {
            var at = ColumnAt(target, column.Column, column.Position);
            RequirePlain(column, target.Columns[at].Type);
            if (assignments.Exists(other => other.Column == at))
                throw PgError.Syntax($"multiple assignments to same column \"{column.Column}\"", column.Position);
            return at;
        }

        void AddSubquery(Sql.MultiAssignment multiple, Sql.ScalarSubquery subquery)
        {
            var query = _queries.Bind(subquery.Subquery, scope);
            var given = query.VisibleTargets.ToList();
            if (given.Count != multiple.Targets.Length)
                throw PgError.Syntax("number of columns does not match number of values", subquery.Position);
            // The subquery gives a row; each column takes its field. It is one node, so a plan runs it once a row at most.
            var row = new BoundSubquery(SubqueryKind.Row, query, null, 0, PgTypes.Record);
            for (var i = 0; i < given.Count; i++)
            {
                var at = Column(multiple.Targets[i]);
                RequireUpdatable(Definition(target, at));
                assignments.Add(new(at, Assign(new BoundField(row, i, given[i].Name, given[i].Expression.Type, given[i].Expression.Typmod), target, at, subquery.Position)));
            }
        }
    }

    static void RequireUpdatable(Column definition)
    {
        if (definition.IsGenerated)
            throw new PgError(SqlState.GeneratedAlways, $"column \"{definition.Name}\" can only be updated to DEFAULT") { Detail = $"Column \"{definition.Name}\" is a generated column." };
        if (definition.Identity == Identity.Always)
            throw new PgError(SqlState.GeneratedAlways, $"column \"{definition.Name}\" can only be updated to DEFAULT")
            { Detail = $"Column \"{definition.Name}\" is an identity column defined as GENERATED ALWAYS." };
    }
}
