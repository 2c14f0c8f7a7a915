using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE INDEX.</summary>
static class CreateIndex
{
    /// <summary>PostgreSQL's INDEX_MAX_KEYS.</summary>
    const int MaxKeys = 32;

    public static string Execute(CreateIndexStatement statement, StatementContext context)
    {
        if (statement.IsConcurrent)
            context.ForbidTransactionBlock("CREATE INDEX CONCURRENTLY");
        Tablespaces.Require(statement.Tablespace);
        var method = statement.AccessMethod ?? AccessMethods.BtreeName;
        var relation = RelationFinder.Find<Relation>(context, statement.Table.Name, statement.IsConcurrent ? LockMode.ShareUpdateExclusive : LockMode.Share);
        if (!relation.HasRows)
            throw new PgError(SqlState.WrongObjectType, $"cannot create index on relation \"{relation.Name}\"")
            {
                Detail = relation.Kind == RelationKind.View ? "This operation is not supported for views." : "This operation is not supported for composite types.",
            };
        Privileges.RequireOwner(context.Snapshot, context.Role, relation);
        CreationTarget.RequireCreateIfNotTemporary(context, relation);
        if (statement.Elements.Length + statement.Include.Length > MaxKeys)
            throw new PgError(SqlState.TooManyColumns, $"cannot use more than {MaxKeys} columns in an index");
        RequireMethod(context, method);
        if (KnownExtensions.OwnerOfMethod(method) is not null)
            RequirePlain(statement, method);

        if (statement.Name is { } name && !CreationTarget.TryClaimRelation(context, relation.Schema, name))
        {
            if (!statement.IfNotExists)
                throw CatalogErrors.DuplicateRelation(name);
            context.Notice($"relation \"{name}\" already exists, skipping", sqlState: SqlState.DuplicateTable);
            return "CREATE INDEX";
        }
        var index = Define(statement, context, relation, method);
        // Nobody else sees a temporary table, so that there is nobody to let in.
        if (statement.IsConcurrent && relation.Persistence != Persistence.Temporary && !VectorIndexDefinition.IsVector(index))
            ConcurrentBuild.Create(context, relation, Named(context, relation, statement.Name, index));
        else
            Build(context, relation, statement.Name, index);
        return "CREATE INDEX";
    }

    /// <summary>Names an index, puts it into the catalog and builds it over the table's rows.</summary>
    /// <param name="name">Null to make one up.</param>
    public static void Build(StatementContext context, Relation relation, string? name, IndexDefinition index)
    {
        index = Named(context, relation, name, index);
        context.Catalog.Put(index);
        context.Tables.BuildIndex(relation, index);
    }

    static IndexDefinition Named(StatementContext context, Relation relation, string? name, IndexDefinition index) => index with
    {
        Oid = context.Catalog.NewOid(),
        Name = name ?? ChooseName(context, relation, index),
        Schema = relation.Schema,
        Owner = relation.Owner,
        Table = relation.Oid,
        Comment = null,
    };

    static IndexDefinition Define(CreateIndexStatement statement, StatementContext context, Relation relation, string method)
    {
        var options = RelationOptions.ForIndex(method, statement.Options);
        var expressions = new TableExpressions(context);
        var references = new HashSet<ObjectAddress>();
        var keys = statement.Elements.Select(element => Key(context, expressions, relation, method, element, references)).ToImmutableArray();
        StoredExpression? predicate = null;
        if (statement.Where is { } where)
        {
            predicate = expressions.IndexPredicate(relation, where);
            Remember(relation, predicate, references);
        }
        return new IndexDefinition
        {
            Oid = 0,
            Name = "",
            Schema = relation.Schema,
            Table = relation.Oid,
            Method = method,
            Keys = keys,
            Included = [.. statement.Include.Select(element => Included(relation, element))],
            IsUnique = statement.IsUnique,
            NullsNotDistinct = statement.NullsNotDistinct,
            Predicate = predicate?.Text,
            References = [.. references],
            Options = options,
        };
    }

    static IndexKey Key(StatementContext context, TableExpressions expressions, Relation relation, string method, IndexElement element, HashSet<ObjectAddress> references)
    {
        PgType type;
        short number = 0;
        string? text = null;
        if (element.Column is { } name)
        {
            var column = relation.FindColumn(name)
                ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" does not exist");
            (number, type) = (column.Number, column.Type);
        }
        else if (element.Expression is ColumnReference { Names: [var bare] } && relation.FindColumn(bare) is { } column)
        {
            (number, type) = (column.Number, column.Type);
        }
        else
        {
            var stored = expressions.IndexKey(relation, element.Expression!);
            Remember(relation, stored, references);
            (text, type) = (stored.Text, stored.Type);
        }
        var collation = element.Collation is null ? null : Collations.Require(element.Collation);
        if (element.Collation is not null && !type.IsCollatable)
            throw new PgError(SqlState.DatatypeMismatch, $"collations are not supported by type {context.Names.FormatType(type)}");
        var operatorClass = ResolveClass(context, type, element.OperatorClass, method);
        if (method != AccessMethods.BtreeName)
        {
            if (element.Descending is not null)
                throw Lacks(method, "ASC/DESC options");
            if (element.NullsFirst is not null)
                throw Lacks(method, "NULLS FIRST/LAST options");
        }
        var descending = element.Descending ?? false;
        return new IndexKey(number, text, operatorClass, descending, element.NullsFirst ?? descending, collation);
    }

    static short Included(Relation relation, IndexElement element)
    {
        if (element.Column is null)
            throw new PgError(SqlState.FeatureNotSupported, "expressions are not supported in included columns");
        return relation.FindColumn(element.Column)?.Number
            ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{element.Column}\" does not exist");
    }

    static void Remember(Relation relation, StoredExpression stored, HashSet<ObjectAddress> references)
    {
        references.UnionWith(stored.Columns.Select(column => new ObjectAddress(relation.Oid, column)));
        references.UnionWith(stored.References);
    }

    static string ChooseName(StatementContext context, Relation relation, IndexDefinition index)
    {
        var columns = new List<string>();
        foreach (var key in index.Keys)
            columns.Add(Distinct(key.Column != 0 ? relation.Column(key.Column).Name : ExpressionName(key.Expression!), columns));
        return Identifier.Choose(relation.Name, string.Join('_', columns), "idx", taken => !CreationTarget.TryClaimRelation(context, relation.Schema, taken));
    }

    /// <summary>The name an index's own column goes by: two keys must not share one.</summary>
    public static string Distinct(string name, IReadOnlyCollection<string> used)
    {
        if (!used.Contains(name))
            return name;
        for (var n = 1; ; n++)
            if (!used.Contains(name + n))
                return name + n;
    }

    /// <summary>What PostgreSQL calls an expression without a name: its function, else <c>expr</c>.</summary>
    public static string ExpressionName(string stored) => Name(SqlParser.ParseExpression(stored)) ?? "expr";

    static string? Name(Expression expression) => expression switch
    {
        FunctionCall call => call.Function.Name,
        CastExpression cast => Name(cast.Operand) ?? cast.Type.Name.Name,
        CollateExpression collate => Name(collate.Operand),
        ColumnReference column => column.Name,
        CoalesceExpression => "coalesce",
        CaseExpression branch => (branch.Default is null ? null : Name(branch.Default)) ?? "case",
        MinMaxExpression { IsGreatest: true } => "greatest",
        MinMaxExpression => "least",
        NullIfExpression => "nullif",
        _ => null,
    };

    static void RequireMethod(StatementContext context, string method)
    {
        if (method == AccessMethods.BtreeName)
            return;
        if (method is "hash" or "gin" or "gist" or "spgist" or "brin")
            throw PgError.Unsupported($"access method \"{method}\"");
        if (KnownExtensions.OwnerOfMethod(method) is not { } extension || !context.Snapshot.HasExtension(extension))
            throw CatalogErrors.UndefinedObject("access method", method);
    }

    // What vector indexes cannot be.
    static void RequirePlain(CreateIndexStatement statement, string method)
    {
        if (statement.IsUnique)
            throw Lacks(method, "unique indexes");
        if (!statement.Include.IsEmpty)
            throw Lacks(method, "included columns");
        if (statement.Elements.Length > 1)
            throw Lacks(method, "multicolumn indexes");
    }

    static PgError Lacks(string method, string what) => new(SqlState.FeatureNotSupported, $"access method \"{method}\" does not support {what}");

    // The class's name to keep; null for the type's default. Raises 42704, 42804.
    static string? ResolveClass(StatementContext context, PgType type, QualifiedName? written, string method)
    {
        if (written is null)
        {
            var isKnown = method == AccessMethods.BtreeName ? type.Codec.IsOrdered
                : OperatorClasses.DefaultFor(method, type) is { } standard && AccessMethods.IsInstalled(standard, context.Snapshot);
            if (!isKnown)
                throw new PgError(SqlState.UndefinedObject, $"data type {context.Names.FormatType(type)} has no default operator class for access method \"{method}\"")
                {
                    Hint = "You must specify an operator class for the index or define a default operator class for the data type.",
                };
            return null;
        }
        if (written.Schema is { } schema)
            context.Names.RequireSchema(schema);
        if (OperatorClasses.Find(method, written.Name) is not { } operatorClass || !AccessMethods.IsInstalled(operatorClass, context.Snapshot) || !IsFound(context, operatorClass, written))
            throw new PgError(SqlState.UndefinedObject, $"operator class \"{CatalogErrors.Written(written)}\" does not exist for access method \"{method}\"");
        if (!operatorClass.Accepts(type))
            throw new PgError(SqlState.DatatypeMismatch, $"operator class \"{CatalogErrors.Written(written)}\" does not accept data type {context.Names.FormatType(type)}");
        return operatorClass.IsDefaultFor(type) ? null : operatorClass.Name;
    }

    static bool IsFound(StatementContext context, OperatorClass operatorClass, QualifiedName written)
    {
        var holder = AccessMethods.SchemaOf(operatorClass, context.Names);
        return written.Schema is { } schema ? context.Names.FindSchema(schema) == holder : context.Names.Path.Contains(holder);
    }
}
