using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>A column that the input has a field for.</summary>
/// <param name="Position">Its position among the table's live columns.</param>
/// <param name="Domain">Checks a domain's rules on the value in its place; null for other types.</param>
/// <param name="Default">Its default, when fields may ask for that; null when there is none.</param>
internal sealed record CopyColumn(string Name, PgType Type, int Typmod, int Position, Evaluator? Domain, Evaluator? Default, bool ForceNotNull, bool ForceNull);

/// <summary>Where COPY FROM puts its rows: the table (locked), the columns given, and what the others get.</summary>
/// <param name="Others">Positions and defaults of columns that are not given and have one.</param>
/// <param name="Where">Rows for which it does not hold are left out; null for none.</param>
/// <param name="IsVolatile">Whether a default is volatile: rows are then written one by one in PostgreSQL, which errors show.</param>
internal sealed record CopyTarget(
    StoredTable Table, CopyColumn[] Columns, ImmutableArray<(int Position, Evaluator Value)> Others, Evaluator? Where, int Slots, bool IsVolatile)
{
    /// <summary>Binds the statement. Raises 42P01, 42809, 42501, 42703, 42701, 42P10.</summary>
    public static CopyTarget Bind(Sql.CopyStatement statement, CopyOptions options, UtilityCall call)
    {
        var session = call.Session;
        var relation = Lock(statement.Table!, call);
        var names = call.Runner.Names();
        names.RequirePrivilege(relation, "INSERT");
        RequireFreezable(options, relation, session);

        var context = new BindingContext(names, session.TypeSettings, null);
        var table = new FromBinder(context, new QueryBinder(context)).Table(relation);
        var modifications = new ModificationBinder(context);
        var layout = new RowLayout([.. table.Columns.Select((_, i) => new PlanColumn(table.Id, i))]);
        var planner = new Planner(new SessionPlannerContext(session, names));
        var compiler = new ExpressionCompiler(planner, layout, null);

        var given = CopyColumns.Positions(statement.Columns, relation);
        CopyColumns.RequireGiven(options.ForceNotNull, "FORCE_NOT_NULL", given, relation);
        CopyColumns.RequireGiven(options.ForceNull, "FORCE_NULL", given, relation);
        var isVolatile = false;
        var coercion = new ExpressionBinder(context, Scope.Empty()).Coercion;
        var columns = given.Select(position => Column(position, table.Columns[position])).ToArray();
        var others = Enumerable.Range(0, table.Columns.Length).Except(given)
            .Select(position => (position, Value: Default(position))).Where(pair => pair.Value is not null)
            .Select(pair => (pair.position, pair.Value!)).ToImmutableArray();
        var where = compiler.CompileOptional(Condition(statement, context, table, relation));
        return new(session.Cluster.Tables.Access(relation, names), columns, others, where, planner.Statement.Slots, isVolatile);

        CopyColumn Column(int position, RelationColumn column)
        {
            var domain = column.Type.Kind != TypeKind.Domain ? null
                : compiler.Compile(coercion.Coerce(
                    new BoundColumn(table.Id, position, column.Name, column.Type.BaseType!, -1), column.Type, -1, CastContext.Assignment, 0));
            return new(column.Name, column.Type, column.Typmod, position, domain, options.Default is null ? null : Default(position),
                options.ForceNotNullAll || options.ForceNotNull.Contains(column.Name), options.ForceNullAll || options.ForceNull.Contains(column.Name));
        }

        Evaluator? Default(int position)
        {
            if (modifications.DefaultIfAny(table, position) is not { } value) return null;
            isVolatile |= QueryTree.IsVolatile(value);
            return compiler.Compile(value);
        }
    }

    static BoundExpression? Condition(Sql.CopyStatement statement, BindingContext context, BoundTable table, Relation relation)
    {
        if (statement.Where is null) return null;
        var scope = new Scope(ScopeItems.Of(ScopeRelation.Of(table, context.Catalog.SchemaName(relation.Schema), relation)), null);
        var condition = new ExpressionBinder(context, scope, "COPY FROM WHERE conditions").BindCondition(statement.Where, "WHERE");
        return BoundTree.Any(condition, node => node is BoundSubquery)
            ? throw new PgError(SqlState.FeatureNotSupported, "cannot use subquery in COPY FROM WHERE condition") { Position = statement.Where.Position }
            : condition;
    }

    /// <summary>The table, locked for writing. While the lock was waited for the name may have gone to another table.</summary>
    static Relation Lock(Sql.QualifiedName name, UtilityCall call)
    {
        while (true)
        {
            var found = Find(call.Runner.Names(), name);
            StatementLocks.Take(call.Session, [(found.Oid, LockMode.RowExclusive)]);
            var after = Find(call.Runner.Names(), name);
            if (after.Oid == found.Oid) return after;
        }
    }

    static Relation Find(NameResolver names, Sql.QualifiedName name) => names.FindRelation(name) switch
    {
        Relation { Kind: RelationKind.Table } table => table,
        Relation { Kind: RelationKind.View } view => throw WrongKind($"cannot copy to view \"{view.Name}\"", "To enable copying to a view, provide an INSTEAD OF INSERT trigger."),
        Relation { Kind: RelationKind.MaterializedView } view => throw WrongKind($"cannot copy to materialized view \"{view.Name}\""),
        SequenceDefinition sequence => throw WrongKind($"cannot copy to sequence \"{sequence.Name}\""),
        SystemViews.SystemTable system => throw new PgError(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog"),
        CatalogObject other => throw WrongKind($"cannot copy to non-table relation \"{other.Name}\""),
        _ => throw CatalogErrors.UndefinedRelation(name with { Position = 0 }),
    };

    static PgError WrongKind(string message, string? hint = null) => new(SqlState.WrongObjectType, message) { Hint = hint };

    /// <summary>Rows are never frozen here, but a FREEZE that PostgreSQL would refuse is refused.</summary>
    static void RequireFreezable(CopyOptions options, Relation relation, Session session)
    {
        if (options.Freeze && session.Cluster.Catalog.Current(session.DatabaseOid).Find<Relation>(relation.Oid)?.StorageId == relation.StorageId)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, "cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction");
    }
}
