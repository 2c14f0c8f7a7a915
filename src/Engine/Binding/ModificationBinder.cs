using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Binds INSERT, UPDATE and DELETE.</summary>
public sealed class ModificationBinder(BindingContext context)
{
    readonly Coercion _coercion = context.Coercion;
    readonly QueryBinder _queries = new(context);

    public BoundModification Bind(Sql.Statement statement, Scope? outer) => statement switch
    {
        Sql.InsertStatement e => Insert(e, outer),
        Sql.UpdateStatement e => Update(e, outer),
        Sql.DeleteStatement e => Delete(e, outer),
        _ => throw new System.Diagnostics.UnreachableException($"no modification rule for {statement.GetType().Name}"),
    };

    // ---- Shared parts

    ModificationTarget Target(Sql.TableReference reference, string privilege, string verb)
    {
        var named = context.Catalog.FindRelation(reference.Name) switch
        {
            Relation { Kind: RelationKind.Table or RelationKind.View } found => found,
            Relation { Kind: RelationKind.MaterializedView } view => throw new PgError(SqlState.WrongObjectType, $"cannot change materialized view \"{view.Name}\""),
            SystemViews.SystemTable system => throw new PgError(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog"),
            SequenceDefinition sequence => throw new PgError(SqlState.WrongObjectType, $"cannot change sequence \"{sequence.Name}\""),
            null => throw CatalogErrors.UndefinedRelation(reference.Name),
            CatalogObject other => throw new PgError(SqlState.WrongObjectType, $"cannot open relation \"{other.Name}\""),
            _ => throw CatalogErrors.UndefinedRelation(reference.Name),
        };
        context.Catalog.RequirePrivilege(named, privilege);
        context.Touch(named.Oid, Storage.LockMode.RowExclusive);
        var views = new UpdatableView(context);
        var target = named.Kind == RelationKind.View ? views.Resolve(named, verb) : views.OfTable(named);
        return target with { Table = target.Table with { Alias = reference.Alias?.Name ?? named.Name } };
    }

    ScopeRelation Names(ModificationTarget target) => target.Scope(target.Alias == target.Named.Name ? context.Catalog.SchemaName(target.Named.Schema) : null);

    ImmutableArray<BoundTarget> Returning(ImmutableArray<Sql.SelectTarget> syntax, Scope scope)
    {
        if (syntax.IsEmpty) return [];
        var expressions = new ExpressionBinder(context, scope, "RETURNING");
        return [.. new TargetBinder(context, expressions, scope).Bind(syntax).Select(target => target with { Expression = _coercion.ResolveUnknown(target.Expression) })];
    }

    static int ColumnAt(ModificationTarget target, string name, int position, string verb)
    {
        var at = target.Find(name, position);
        return at >= 0 ? at : throw new PgError(SqlState.FeatureNotSupported, $"cannot {verb} column \"{name}\" of view \"{target.Named.Name}\"")
        {
            Detail = "View columns that are not columns of their base relation are not updatable.",
        };
    }

    static Column Definition(BoundTable target, int column) => target.Table.Columns[target.Columns[column].Number - 1];

    /// <summary>A value as the column's type. Raises 42804 with the words PostgreSQL has for it.</summary>
    BoundExpression Assign(BoundExpression value, BoundTable target, InsertColumn to, int position)
    {
        var column = target.Columns[to.Column];
        var (type, typmod) = to.Part is null ? (column.Type, column.Typmod) : PartAssignment.TypeOf(to.Part, column);
        if (_coercion.TryCoerce(value, type, typmod, CastContext.Assignment, position) is { } assigned)
            return assigned;
        var what = to.Part is { Path: [.., Sql.Subscript] } ? $"subscripted assignment to \"{column.Name}\" requires type {type}" : $"column \"{column.Name}\" is of type {type}";
        throw new PgError(SqlState.DatatypeMismatch, $"{what} but expression is of type {value.Type}")
        {
            Hint = "You will need to rewrite or cast the expression.",
            Position = to.Part?.Position ?? position,
        };
    }

    /// <summary>A column that a value goes to, or a part of it.</summary>
    readonly record struct InsertColumn(int Column, Sql.AssignmentTarget? Part)
    {
        public static implicit operator InsertColumn(int column) => new(column, null);
    }

    /// <summary>What a column gets when nothing is given: its default, its identity's next value, its domain's default, or NULL.</summary>
    BoundExpression Default(ModificationTarget target, int column)
    {
        var to = target.Table.Columns[column];
        if (target.ViewDefault(column) is { } text)
            return new ExpressionBinder(context, Scope.Empty()).BindText(text, to.Type, to.Typmod);
        return DefaultIfAny(target.Table, column)
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

        var full = FillDefaults(source, target, columns[..given], syntax, with);
        var targetNames = Names(target);
        var scope = new Scope(ScopeItems.Of(targetNames), with);
        return new BoundInsert
        {
            Ctes = Counted(ctes, with),
            Target = target.Table,
            Checks = target.Checks,
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

    static List<InsertColumn> InsertColumns(Sql.InsertStatement syntax, ModificationTarget target)
    {
        if (syntax.Columns.IsEmpty)
            return [.. target.Columns.Select(target.TableColumn).TakeWhile(column => column >= 0).Select(column => new InsertColumn(column, null))];
        var columns = new List<InsertColumn>();
        foreach (var column in syntax.Columns)
        {
            var at = ColumnAt(target, column.Column, column.Position, "insert into");
            var isPart = !column.Path.IsEmpty;
            if (Listed(columns, at) is >= 0 and var other && (!isPart || columns[other].Part is null))
                throw new PgError(SqlState.DuplicateColumn, $"column \"{column.Column}\" specified more than once") { Position = column.Position };
            _ = PartAssignment.TypeOf(column, target.Table.Columns[at]);
            columns.Add(new(at, isPart ? column : null));
        }
        return columns;
    }

    // Where a column stands in the list, from an element on; -1 when it does not.
    static int Listed(List<InsertColumn> columns, int column, int from = 0)
    {
        for (var i = from; i < columns.Count; i++)
            if (columns[i].Column == column) return i;
        return -1;
    }

    /// <summary>The rows to insert, one target for each listed column, already of the columns' types.</summary>
    BoundQuery Source(Sql.InsertStatement syntax, ModificationTarget target, List<InsertColumn> columns, Scope with)
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
                    RequireAssignable(target.Table, columns[i].Column, false, syntax);
                return Assigned(query, given, target, columns, syntax.Source);
        }
    }

    /// <summary>One row of VALUES needs no relation: it is a SELECT without FROM.</summary>
    BoundSelect OneRow(ImmutableArray<Sql.Expression> row, ModificationTarget target, List<InsertColumn> columns, Scope scope, Sql.InsertStatement syntax)
    {
        var expressions = new ExpressionBinder(context, scope, "VALUES");
        return new()
        {
            Targets = [.. row.Select((value, i) => new BoundTarget(
                value is Sql.DefaultExpression
                    ? GivenDefault(target, columns[i], syntax)
                    : Given(expressions.Bind(value), target, columns[i], Sql.Location.Of(value), syntax),
                target.Table.Columns[columns[i].Column].Name))],
        };
    }

    /// <summary>A query's columns assigned to table columns: in place where that is the same, else above it.</summary>
    BoundQuery Assigned(BoundQuery query, List<BoundTarget> given, ModificationTarget target, List<InsertColumn> columns, Sql.Query syntax)
    {
        if (query is BoundSelect { IsDistinct: false, OrderBy.IsEmpty: true, DistinctOn.IsEmpty: true } select)
        {
            var at = 0;
            return select with { Targets = [.. query.Targets.Select(t => t.IsJunk ? t : t with { Expression = Assign(t.Expression, target.Table, columns[at], SourcePosition(syntax, at++)) })] };
        }
        var resolved = query with { Targets = [.. query.Targets.Select(t => t with { Expression = _coercion.ResolveUnknown(t.Expression) })] };
        var derived = _queries.Derived(resolved, "*SELECT*");
        return new BoundSelect
        {
            From = derived,
            Targets = [.. derived.Columns.Select((column, i) => new BoundTarget(
                Assign(new BoundColumn(derived.Id, i, column.Name, column.Type, column.Typmod), target.Table, columns[i], 0), column.Name))],
        };
    }

    BoundExpression Given(BoundExpression value, ModificationTarget target, InsertColumn column, int position, Sql.InsertStatement syntax)
    {
        RequireAssignable(target.Table, column.Column, false, syntax);
        return Assign(value, target.Table, column, position);
    }

    BoundExpression GivenDefault(ModificationTarget target, InsertColumn column, Sql.InsertStatement syntax)
    {
        if (column.Part is { Path: [Sql.Indirection step, ..] } part)
            throw new PgError(SqlState.FeatureNotSupported, step is Sql.Subscript ? "cannot set an array element to DEFAULT" : "cannot set a subfield to DEFAULT") { Position = part.Position };
        RequireAssignable(target.Table, column.Column, true, syntax);
        return Default(target, column.Column);
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
    BoundQuery FillDefaults(BoundQuery source, ModificationTarget target, List<InsertColumn> columns, Sql.InsertStatement syntax, Scope with)
    {
        var given = source.VisibleTargets.Select(t => t.Expression).ToList();
        // Defaults are computed once for each row that comes out, so they stand above sorting and limits.
        var isPlain = source is BoundSelect { IsDistinct: false, Limit: null, Offset: null, OrderBy.IsEmpty: true, DistinctOn.IsEmpty: true }
            && !given.Exists(value => BoundTree.Any(value, n => n is BoundSetCall));
        BoundDerived? derived = null;
        if (!isPlain)
        {
            derived = _queries.Derived(source, "*SELECT*");
            given = [.. derived.Columns.Select((column, i) => new BoundColumn(derived.Id, i, column.Name, column.Type, column.Typmod))];
        }

        var parts = new PartAssignment(context, new ExpressionBinder(context, new Scope(ScopeItems.Empty, with)));
        var inOrder = new BoundTarget[target.Table.Columns.Length];
        for (var column = 0; column < inOrder.Length; column++)
        {
            var to = target.Table.Columns[column];
            var at = Listed(columns, column);
            var overridden = at >= 0 && syntax.Overriding == Sql.Overriding.UserValue && Definition(target.Table, column).Identity != Identity.None;
            var value = at < 0 || overridden ? Default(target, column)
                : columns[at].Part is null ? given[at]
                : new BoundConstant(Datum.Null, to.Type);
            for (; at >= 0 && columns[at].Part is { } part; at = Listed(columns, column, at + 1))
                value = parts.Apply(value, part, given[at]);
            inOrder[column] = new(value, to.Name);
        }
        return derived is null ? source with { Targets = [.. inOrder] } : new BoundSelect { From = derived, Targets = [.. inOrder] };
    }

    // ---- ON CONFLICT

    BoundOnConflict OnConflict(Sql.OnConflictClause syntax, ModificationTarget target, ScopeRelation targetNames, Scope with)
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

        context.Catalog.RequirePrivilege(target.Named, "UPDATE");
        var excluded = context.NextRelation();
        // The row proposed, under the names that the target's columns have.
        var excludedNames = new ScopeRelation("excluded", null, [.. target.Columns.Select(column => column with
        {
            Expression = BoundTree.Rewrite(column.Expression, node => node is BoundColumn own && own.Relation == target.Table.Id ? own with { Relation = excluded } : null),
        })], excluded, null);
        var scope = new Scope(new([targetNames, excludedNames], targetNames.Columns.AddRange(excludedNames.Columns)), with);
        var set = Assignments(syntax.Assignments, target, scope);
        var where = syntax.Where is null ? null : new ExpressionBinder(context, scope, "WHERE").BindCondition(syntax.Where, "WHERE");
        return new(indexes, set, where, excluded);
    }

    ImmutableArray<uint> Arbiters(Sql.OnConflictClause syntax, ModificationTarget target)
    {
        if (syntax.Target is not { } conflict) return [];
        var table = target.Table.Table;
        if (conflict.Constraint is { } name)
        {
            var constraint = table.Constraints.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new PgError(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist") { Position = conflict.Position };
            if (constraint.Kind is not (ConstraintKind.PrimaryKey or ConstraintKind.Unique))
                throw new PgError(SqlState.WrongObjectType, "constraint in ON CONFLICT clause has no associated index") { Position = conflict.Position };
            return [constraint.IndexOid];
        }

        var expressions = new ExpressionBinder(context, new Scope(ScopeItems.Of(Names(target)), null), "ON CONFLICT");
        var own = new ExpressionBinder(context, new Scope(ScopeItems.Of(ScopeRelation.Of(target.Table)), null), "ON CONFLICT");
        var wanted = conflict.Elements.Select(element => expressions.Bind(element.Expression ?? new Sql.ColumnReference([element.Column!], conflict.Position))).ToList();
        var predicate = conflict.Where is null ? null : expressions.BindCondition(conflict.Where, "WHERE");
        var matching = context.Catalog.IndexesOf(table.Oid).Where(index => index.IsUnique && index.IsValid && Matches(index)).Select(index => index.Oid).ToImmutableArray();
        return matching.Length > 0 ? matching
            : throw new PgError(SqlState.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification");

        bool Matches(IndexDefinition index)
        {
            var keys = index.Keys.Select(key => key.Expression is { } text
                ? own.Bind(Sql.SqlParser.ParseExpression(text))
                : KeyColumn(target.Table, key.Column)).ToList();
            if (!keys.TrueForAll(key => wanted.Exists(want => BoundTree.Same(want, key))) || !wanted.TrueForAll(want => keys.Exists(key => BoundTree.Same(want, key))))
                return false;
            return index.Predicate is null
                || (predicate is not null && BoundTree.Same(own.BindText(index.Predicate, PgTypes.Bool), predicate));
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
            Target = target.Table,
            Checks = target.Checks,
            From = from,
            Set = Assignments(syntax.Assignments, target, scope),
            Where = Where(syntax.Where, target, scope),
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
            Target = target.Table,
            Using = from,
            Where = Where(syntax.Where, target, scope),
            Targets = Returning(syntax.Returning, scope),
            Ctes = Counted(ctes, with),
        };
    }

    /// <summary>The statement's condition after those of the views it goes through.</summary>
    BoundExpression? Where(Sql.Expression? syntax, ModificationTarget target, Scope scope)
    {
        var own = syntax is null ? null : new ExpressionBinder(context, scope, "WHERE").BindCondition(syntax, "WHERE");
        var all = own is null ? target.Conditions : [.. target.Conditions, own];
        return all.Length <= 1 ? all.FirstOrDefault() : new BoundLogical(true, all);
    }

    (BoundFrom? From, Scope Scope) Sources(ImmutableArray<Sql.FromItem> items, ModificationTarget target, Scope with)
    {
        var own = ScopeItems.Of(Names(target));
        if (items.IsEmpty)
            return (null, new Scope(own, with));
        var (from, offered) = new FromBinder(context, _queries).Bind(items, with);
        if (offered.Relations.Any(relation => relation.Alias == target.Alias))
            throw new PgError(SqlState.DuplicateAlias, $"table name \"{target.Alias}\" specified more than once");
        return (from, new Scope(own.With(offered), with));
    }

    ImmutableArray<BoundAssignment> Assignments(ImmutableArray<Sql.Assignment> syntax, ModificationTarget into, Scope scope)
    {
        var target = into.Table;
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
            if (!column.Path.IsEmpty)
            {
                AddPart(column, value);
                return;
            }
            var at = Column(column);
            var definition = Definition(target, at);
            if (value is Sql.DefaultExpression)
            {
                if (!definition.IsGenerated)
                    assignments.Add(new(at, Default(into, at)));
                return;
            }
            RequireUpdatable(definition);
            assignments.Add(new(at, Assign(expressions.Bind(value), target, at, Sql.Location.Of(value))));
        }

        // Several parts of one column follow each other: each starts from what the one before has made.
        void AddPart(Sql.AssignmentTarget column, Sql.Expression value)
        {
            var at = ColumnAt(into, column.Column, column.Position, "update");
            var to = target.Columns[at];
            var assigned = new InsertColumn(at, column);
            _ = PartAssignment.TypeOf(column, to);
            if (value is Sql.DefaultExpression)
                throw new PgError(SqlState.FeatureNotSupported, "cannot set an array element to DEFAULT") { Position = column.Position };
            RequireUpdatable(Definition(target, at));
            var before = assignments.FindIndex(other => other.Column == at);
            var whole = before >= 0 ? assignments[before].Value : new BoundColumn(target.Id, at, to.Name, to.Type, to.Typmod);
            var changed = new BoundAssignment(at, new PartAssignment(context, expressions).Apply(
                whole, column, Assign(expressions.Bind(value), target, assigned, Sql.Location.Of(value))));
            if (before >= 0) assignments[before] = changed;
            else assignments.Add(changed);
        }

        int Column(Sql.AssignmentTarget column)
        {
            var at = ColumnAt(into, column.Column, column.Position, "update");
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
