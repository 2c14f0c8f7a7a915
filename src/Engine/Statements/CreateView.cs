using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE [OR REPLACE] VIEW.</summary>
static class CreateView
{
    public static string Execute(CreateViewStatement statement, StatementContext context)
    {
        if (statement.Persistence == TablePersistence.Unlogged)
            throw PgError.Syntax("views cannot be unlogged because they do not have storage", statement.Position);
        var syntax = statement.IsRecursive ? Recursive(statement) : statement.Query;
        var query = ViewQuery.Define(context, syntax, statement.Columns, "view");
        var name = statement.Name.Name;
        var persistence = query.UsesTemporary && statement.Persistence == TablePersistence.Permanent ? TablePersistence.Temporary : statement.Persistence;
        if (persistence != statement.Persistence)
            context.Notice($"view \"{name}\" will be a temporary view");
        var (schema, kept) = CreationTarget.ForRelation(context, statement.Name, persistence);

        var isFree = CreationTarget.TryClaimRelation(context, schema, name);
        if (!isFree && !statement.OrReplace)
            throw CatalogErrors.DuplicateRelation(name);
        if (!isFree)
        {
            Replace(context, schema, name, query, statement);
            return "CREATE VIEW";
        }
        CreationTarget.ClaimType(context, schema, name, isForRelation: true);
        var view = new Relation
        {
            Oid = context.Catalog.NewOid(),
            Name = name,
            Schema = schema,
            Owner = context.Role,
            Kind = RelationKind.View,
            Columns = query.Columns,
            Persistence = kept,
            ViewDefinition = query.Text,
            References = query.References,
            RowTypeOid = context.Catalog.NewOid(),
            RowArrayTypeOid = context.Catalog.NewOid(),
            Options = Options(statement),
        };
        RequireUpdatable(view, context);
        context.Catalog.Put(view);
        return "CREATE VIEW";
    }

    static ImmutableSortedDictionary<string, string> Options(CreateViewStatement statement)
    {
        var options = RelationOptions.ForView(statement.Options);
        return statement.CheckOption == ViewCheckOption.None ? options : options.SetItem("check_option", statement.CheckOption == ViewCheckOption.Local ? "local" : "cascaded");
    }

    // A view that cannot be changed has nothing to check.
    static void RequireUpdatable(Relation view, StatementContext context)
    {
        if (view.Options.ContainsKey("check_option") && UpdatableView.Obstacle(view, context.Names, context.Session.TypeSettings) is { } obstacle)
            throw new PgError(SqlState.FeatureNotSupported, "WITH CHECK OPTION is supported only on automatically updatable views") { Hint = obstacle };
    }

    static void Replace(StatementContext context, uint schema, string name, ViewQuery query, CreateViewStatement statement)
    {
        if (context.Snapshot.FindRelation(schema, name) is not Relation { Kind: RelationKind.View } found)
            throw CatalogErrors.WrongKind(name, "a view");
        var view = context.LockRelation(found, LockMode.AccessExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, view);
        var old = view.LiveColumns.ToList();
        if (query.Columns.Length < old.Count)
            throw new PgError(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        for (var i = 0; i < old.Count; i++)
        {
            var column = query.Columns[i];
            if (column.Name != old[i].Name)
                throw new PgError(SqlState.InvalidTableDefinition, $"cannot change name of view column \"{old[i].Name}\" to \"{column.Name}\"")
                {
                    Hint = "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
                };
            if (column.Type != old[i].Type || column.Typmod != old[i].Typmod)
                throw new PgError(SqlState.InvalidTableDefinition,
                    $"cannot change data type of view column \"{old[i].Name}\" from {context.Names.FormatType(old[i].Type, old[i].Typmod)} to {context.Names.FormatType(column.Type, column.Typmod)}");
        }
        view = view with
        {
            Columns = [.. query.Columns.Select((column, i) => i < old.Count ? column with { Default = old[i].Default, DefaultReferences = old[i].DefaultReferences, Comment = old[i].Comment } : column)],
            ViewDefinition = query.Text,
            References = query.References,
            Options = Options(statement),
        };
        RequireUpdatable(view, context);
        context.Catalog.Put(view);
    }

    // CREATE RECURSIVE VIEW v (a) AS q is CREATE VIEW v AS WITH RECURSIVE v (a) AS (q) SELECT a FROM v.
    static SelectQuery Recursive(CreateViewStatement statement)
    {
        var name = statement.Name.Name;
        return new SelectQuery(
            [.. statement.Columns.Select(column => new SelectTarget(new ColumnReference([column], 0), null, 0))],
            [new TableReference(new QualifiedName(null, null, name, 0), 0)], 0)
        {
            With = new WithClause(true, [new CommonTableExpression(name, statement.Columns, null, new QueryStatement(statement.Query, 0), 0)], 0),
        };
    }
}

/// <summary>The query of a view as it is kept: text with every star written out, its columns, and what it needs.</summary>
sealed record ViewQuery(string Text, ImmutableArray<Column> Columns, ImmutableArray<ObjectAddress> References, bool UsesTemporary)
{
    /// <summary>Checks a query and brings it into stored form. <paramref name="names"/> are the first columns' names, where written.</summary>
    public static ViewQuery Define(StatementContext context, Query syntax, ImmutableArray<string> names, string kind)
    {
        if (syntax is SelectQuery { Into: { } into })
            throw new PgError(SqlState.FeatureNotSupported, "views must not contain SELECT INTO") { Position = into.Position };
        SyntaxRewriter.Visit(syntax, node =>
        {
            if (node is InsertStatement or UpdateStatement or DeleteStatement)
                throw new PgError(SqlState.FeatureNotSupported, $"{kind}s must not contain data-modifying statements in WITH");
            if (node is ParameterExpression)
                throw new PgError(SqlState.UndefinedParameter, $"there is no parameter ${((ParameterExpression)node).Number}") { Position = node.Position };
        });
        var (expanded, bound, references) = BindLocked(context, syntax);
        var columns = Shape(bound, names, kind == "view" ? "CREATE VIEW specifies more column names than columns" : "too many column names were specified");
        foreach (var column in columns)
            if (column.Type.Kind == TypeKind.Pseudo && column.Type != PgTypes.Record)
                throw new PgError(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" has pseudo-type {column.Type}");
        var usesTemporary = references.Any(reference => context.Snapshot.Find<Relation>(reference.Oid) is { Persistence: Persistence.Temporary });
        return new(StoredSql.Store(OutputNames.Give(expanded, [.. columns.Select(column => column.Name)]), context.Names), columns, references, usesTemporary);
    }

    /// <summary>The query as it reads once nobody can change or drop the relations it names.</summary>
    static (Query Expanded, BoundQuery Bound, ImmutableArray<ObjectAddress> References) BindLocked(StatementContext context, Query syntax)
    {
        while (true)
        {
            var snapshot = context.Catalog.Refresh();
            var expanded = StarExpansion.Expand(context, syntax);
            var bound = new QueryBinder(context.NewBindingContext()).Bind(expanded, null);
            var references = CollectReferences(context, expanded, bound);
            foreach (var reference in references)
                if (snapshot.Find(reference.Oid) is Relation relation)
                    context.Lock(CatalogLocks.Of(context.Database, relation), LockMode.AccessShare);
            if (ReferenceEquals(context.Snapshot, snapshot))
                return (expanded, bound, references);
        }
    }

    /// <summary>Columns for what a query returns. Raises 42601, 42701.</summary>
    public static ImmutableArray<Column> Shape(BoundQuery bound, ImmutableArray<string> names, string tooManyNames = "too many column names were specified")
    {
        var targets = bound.VisibleTargets.ToList();
        if (names.Length > targets.Count)
            throw PgError.Syntax(tooManyNames);
        var columns = targets.Select((target, i) => new Column
        {
            Name = i < names.Length ? names[i] : target.Name,
            Number = (short)(i + 1),
            Type = target.Expression.Type == PgTypes.Unknown ? PgTypes.Text : target.Expression.Type,
            Typmod = target.Expression.Typmod,
        }).ToImmutableArray();
        if (columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new PgError(SqlState.DuplicateColumn, $"column \"{twice.Key}\" specified more than once");
        return columns;
    }

    static ImmutableArray<ObjectAddress> CollectReferences(StatementContext context, Query syntax, BoundQuery bound)
    {
        var found = new HashSet<ObjectAddress>();
        QueryReferences.Collect(bound, context, found);
        SyntaxRewriter.Visit(syntax, node =>
        {
            if (node is TypeName type && Dependencies.UsedType(context.Names.ResolveType(type).Type) is { } used)
                found.Add(used);
        });
        return [.. found];
    }
}
