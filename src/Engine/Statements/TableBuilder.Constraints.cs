using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using Constraint = PgVectorCompat.Engine.Catalog.Constraint;
using ForeignKeyAction = PgVectorCompat.Engine.Catalog.ForeignKeyAction;

namespace PgVectorCompat.Engine.Statements;

public sealed partial class TableBuilder
{
    /// <summary>Adds a table constraint, or one written with the column <paramref name="ofColumn"/>. Raises 42703, 42710, 42P16, 42830, 42804.</summary>
    public Constraint AddConstraint(Sql.Constraint syntax, string? ofColumn = null) => syntax switch
    {
        CheckConstraint check => AddCheck(check),
        UniqueConstraint { UsingIndex: { } index } unique => AddKeyFromIndex(unique, index),
        UniqueConstraint unique => AddKey(unique, ofColumn is null ? unique.Columns : [ofColumn]),
        ForeignKeyConstraint key => AddForeignKey(key, ofColumn is null ? key.Columns : [ofColumn]),
        ExclusionConstraint => throw PgError.Unsupported("EXCLUDE constraint", syntax.Position),
        _ => throw new System.Diagnostics.UnreachableException($"no table constraint: {syntax.GetType().Name}"),
    };

    Constraint AddCheck(CheckConstraint check)
    {
        var stored = _expressions.Check(Relation, check.Condition);
        var column = stored.Columns is [var only] ? Relation.Column(only).Name : null;
        var constraint = new Constraint
        {
            Oid = context.Catalog.NewOid(),
            Name = ConstraintName(check.Name, Relation.Name, column, "check"),
            Kind = ConstraintKind.Check,
            Columns = stored.Columns,
            Expression = stored.Text,
            References = stored.References,
            IsValidated = isNew || !check.IsNotValid,
            NoInherit = check.IsNoInherit,
        };
        return Add(constraint, validate: !isNew && !check.IsNotValid);
    }

    Constraint AddKey(UniqueConstraint unique, ImmutableArray<string> columnNames)
    {
        var columns = columnNames.Select(name => KeyColumn(name, unique.Position)).ToImmutableArray();
        if (columns.GroupBy(column => column).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new PgError(SqlState.DuplicateColumn, $"column \"{Relation.Column(twice.Key).Name}\" appears twice in {(unique.IsPrimaryKey ? "primary key" : "unique")} constraint") { Position = unique.Position };
        if (unique.IsPrimaryKey)
            BeginPrimaryKey(columns, unique.Position);
        foreach (var column in columns)
            RequireOrder(Relation.Column(column).Type, "btree");

        var name = unique.IsPrimaryKey
            ? ConstraintName(unique.Name, Relation.Name, null, "pkey", isIndex: true)
            : ConstraintName(unique.Name, Relation.Name, string.Join('_', columnNames), "key", isIndex: true);
        if (unique.Name is not null && !ClaimName(name))
            throw CatalogErrors.DuplicateRelation(name);
        var index = new IndexDefinition
        {
            Oid = context.Catalog.NewOid(),
            Name = name,
            Schema = Relation.Schema,
            Owner = Relation.Owner,
            Table = Relation.Oid,
            Method = "btree",
            Keys = [.. columns.Select(column => new IndexKey(column, null, Collation: Relation.Column(column).Collation))],
            Included = [.. unique.Include.Select(include => KeyColumn(include, unique.Position))],
            IsUnique = true,
            IsPrimary = unique.IsPrimaryKey,
            NullsNotDistinct = unique.NullsNotDistinct,
            ConstraintOid = context.Catalog.NewOid(),
            Options = RelationOptions.ForIndex("btree", unique.Options),
        };
        _indexes.Add(index);
        return Add(KeyConstraint(unique, index, columns), validate: false);
    }

    Constraint AddKeyFromIndex(UniqueConstraint unique, string indexName)
    {
        var index = context.Snapshot.FindRelation(Relation.Schema, indexName) as IndexDefinition
            ?? throw CatalogErrors.UndefinedObject("index", indexName).At(unique.Position);
        if (index.Table != Relation.Oid)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"index \"{indexName}\" does not belong to table \"{Relation.Name}\"") { Position = unique.Position };
        if (index.ConstraintOid != 0)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"index \"{indexName}\" is already associated with a constraint") { Position = unique.Position };
        if (!index.IsUnique)
            throw new PgError(SqlState.WrongObjectType, $"\"{indexName}\" is not a unique index") { Position = unique.Position, Detail = "Cannot create a primary key or unique constraint using such an index." };
        if (index.Keys.Any(key => key.Expression is not null))
            throw new PgError(SqlState.WrongObjectType, $"index \"{indexName}\" contains expressions") { Position = unique.Position, Detail = "Cannot create a primary key or unique constraint using such an index." };
        if (index.Predicate is not null)
            throw new PgError(SqlState.WrongObjectType, $"\"{indexName}\" is a partial index") { Position = unique.Position, Detail = "Cannot create a primary key or unique constraint using such an index." };
        var columns = index.Keys.Select(key => key.Column).ToImmutableArray();
        if (unique.IsPrimaryKey)
            BeginPrimaryKey(columns, unique.Position);
        var name = unique.Name ?? indexName;
        if (name != indexName)
            context.Notice($"ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{indexName}\" to \"{name}\"");
        index = index with { Name = name, IsPrimary = unique.IsPrimaryKey, ConstraintOid = context.Catalog.NewOid() };
        context.Catalog.Put(index);
        return Add(KeyConstraint(unique, index, columns), validate: false);
    }

    static Constraint KeyConstraint(UniqueConstraint unique, IndexDefinition index, ImmutableArray<short> columns) => new()
    {
        Oid = index.ConstraintOid,
        Name = index.Name,
        Kind = unique.IsPrimaryKey ? ConstraintKind.PrimaryKey : ConstraintKind.Unique,
        Columns = columns,
        IndexOid = index.Oid,
        IsDeferrable = unique.IsDeferrable,
        InitiallyDeferred = unique.IsInitiallyDeferred,
    };

    /// <summary>Makes the key's columns NOT NULL; rows that are there already are checked by the caller through <see cref="NewlyNotNull"/>.</summary>
    void BeginPrimaryKey(ImmutableArray<short> columns, int position)
    {
        if (Relation.PrimaryKey is not null)
            throw new PgError(SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{Relation.Name}\" are not allowed") { Position = position };
        foreach (var number in columns)
        {
            if (Relation.Column(number).NotNull)
                continue;
            Relation = Relation.WithColumn(number, column => column with { NotNull = true });
            NewlyNotNull.Add(number);
        }
    }

    /// <summary>Columns that a primary key made NOT NULL.</summary>
    public List<short> NewlyNotNull { get; } = [];

    Constraint AddForeignKey(ForeignKeyConstraint key, ImmutableArray<string> columnNames)
    {
        var columns = columnNames.Select(name => Relation.FindColumn(name)?.Number
            ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist")).ToImmutableArray();
        var referenced = ReferencedTable(key);
        CheckPersistence(referenced);
        var (referencedColumns, indexOid) = ReferencedKey(key, referenced);
        if (columns.Length != referencedColumns.Length)
            throw new PgError(SqlState.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree");
        if (key.Match == ForeignKeyMatch.Partial)
            throw new PgError(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented") { Position = key.Position };

        var name = ConstraintName(key.Name, Relation.Name, string.Join('_', columnNames), "fkey");
        var binding = context.NewBindingContext();
        for (var i = 0; i < columns.Length; i++)
        {
            var (mine, theirs) = (Relation.Column(columns[i]), referenced.Column(referencedColumns[i]));
            if (mine.Type != theirs.Type && !binding.Coercion.CanCoerce(mine.Type, theirs.Type) && !CanCompare(binding, mine.Type, theirs.Type))
                throw new PgError(SqlState.DatatypeMismatch, $"foreign key constraint \"{name}\" cannot be implemented")
                {
                    Detail = $"Key columns \"{mine.Name}\" and \"{theirs.Name}\" are of incompatible types: {context.Names.FormatType(mine.Type, mine.Typmod)} and {context.Names.FormatType(theirs.Type, theirs.Typmod)}.",
                };
            if (mine.IsGenerated && (key.OnUpdate is not Sql.ForeignKeyAction.NoAction and not Sql.ForeignKeyAction.Restrict || key.OnDelete is Sql.ForeignKeyAction.SetNull or Sql.ForeignKeyAction.SetDefault))
                throw PgError.Syntax("invalid foreign key action for a foreign key constraint containing a generated column");
        }
        var constraint = new Constraint
        {
            Oid = context.Catalog.NewOid(),
            Name = name,
            Kind = ConstraintKind.ForeignKey,
            Columns = columns,
            ReferencedTable = referenced.Oid,
            ReferencedColumns = referencedColumns,
            IndexOid = indexOid,
            OnDelete = Action(key.OnDelete),
            OnUpdate = Action(key.OnUpdate),
            SetColumns = [.. key.OnDeleteColumns.Select(column => SetColumn(column, columns))],
            MatchFull = key.Match == ForeignKeyMatch.Full,
            IsDeferrable = key.IsDeferrable,
            InitiallyDeferred = key.IsInitiallyDeferred,
            IsValidated = isNew || !key.IsNotValid,
        };
        return Add(constraint, validate: !isNew && !key.IsNotValid);
    }

    Relation ReferencedTable(ForeignKeyConstraint key)
    {
        // A table may refer to itself before it exists.
        if (key.ReferencedTable.Name == Relation.Name && (key.ReferencedTable.Schema is null || context.Names.FindSchema(key.ReferencedTable.Schema) == Relation.Schema)
            && (isNew || context.Names.FindRelation(key.ReferencedTable) is Relation { } same && same.Oid == Relation.Oid))
            return Relation;
        var referenced = RelationFinder.Find<Relation>(context, key.ReferencedTable, LockMode.ShareRowExclusive);
        if (referenced.Kind != RelationKind.Table)
            throw new PgError(SqlState.WrongObjectType, $"referenced relation \"{referenced.Name}\" is not a table");
        Privileges.Require(context.Snapshot, context.Role, referenced, Rights.References);
        return referenced;
    }

    void CheckPersistence(Relation referenced)
    {
        var message = (Relation.Persistence, referenced.Persistence) switch
        {
            (Persistence.Permanent, not Persistence.Permanent) => "constraints on permanent tables may reference only permanent tables",
            (Persistence.Unlogged, Persistence.Temporary) => "constraints on unlogged tables may reference only permanent or unlogged tables",
            (Persistence.Temporary, not Persistence.Temporary) => "constraints on temporary tables may reference only temporary tables",
            _ => null,
        };
        if (message is not null)
            throw new PgError(SqlState.InvalidTableDefinition, message);
    }

    (ImmutableArray<short> Columns, uint Index) ReferencedKey(ForeignKeyConstraint key, Relation referenced)
    {
        if (key.ReferencedColumns.IsEmpty)
            return referenced.PrimaryKey is { } primary
                ? (primary.Columns, primary.IndexOid)
                : throw new PgError(SqlState.UndefinedObject, $"there is no primary key for referenced table \"{referenced.Name}\"");
        var columns = key.ReferencedColumns.Select(name => referenced.FindColumn(name)?.Number
            ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist")).ToImmutableArray();
        if (columns.Distinct().Count() != columns.Length)
            throw new PgError(SqlState.InvalidForeignKey, "foreign key referenced-columns list must not contain duplicates");
        var indexes = referenced.Oid == Relation.Oid ? context.Snapshot.IndexesOf(referenced.Oid).Concat(_indexes) : context.Snapshot.IndexesOf(referenced.Oid);
        var matching = indexes.FirstOrDefault(index => index.IsUnique && index.Predicate is null && index.Keys.Length == columns.Length
            && index.Keys.All(indexKey => indexKey.Column != 0 && columns.Contains(indexKey.Column)));
        if (matching is null)
            throw new PgError(SqlState.InvalidForeignKey, $"there is no unique constraint matching given keys for referenced table \"{referenced.Name}\"");
        if (referenced.Constraints.FirstOrDefault(constraint => constraint.IndexOid == matching.Oid) is { IsDeferrable: true })
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"cannot use a deferrable unique constraint for referenced table \"{referenced.Name}\"");
        return (columns, matching.Oid);
    }

    static bool CanCompare(BindingContext binding, PgType left, PgType right)
        => binding.Catalog.FindOperators("pg_catalog", "=").Any(op => op.Left == left && op.Right == right);

    short SetColumn(string name, ImmutableArray<short> columns)
    {
        var number = Relation.FindColumn(name)?.Number
            ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist");
        return columns.Contains(number)
            ? number
            : throw new PgError(SqlState.InvalidColumnReference, $"column \"{name}\" referenced in ON DELETE SET action must be part of foreign key");
    }

    static ForeignKeyAction Action(Sql.ForeignKeyAction action) => action switch
    {
        Sql.ForeignKeyAction.Restrict => ForeignKeyAction.Restrict,
        Sql.ForeignKeyAction.Cascade => ForeignKeyAction.Cascade,
        Sql.ForeignKeyAction.SetNull => ForeignKeyAction.SetNull,
        Sql.ForeignKeyAction.SetDefault => ForeignKeyAction.SetDefault,
        _ => ForeignKeyAction.NoAction,
    };

    Constraint Add(Constraint constraint, bool validate)
    {
        Relation = Relation with { Constraints = Relation.Constraints.Add(constraint) };
        if (validate)
            _toValidate.Add(constraint);
        return constraint;
    }

    /// <summary>The name as written, which must be free, or one made up.</summary>
    string ConstraintName(string? written, string table, string? column, string label, bool isIndex = false)
    {
        if (written is not null)
            return Relation.FindConstraint(written) is not { } taken ? written
                : throw (isNew && taken.Kind == ConstraintKind.Check && label == "check"
                    ? CatalogErrors.DuplicateObject("check constraint", written)
                    : CatalogErrors.DuplicateConstraint(written, Relation.Name));
        return Identifier.Choose(table, column, label, name => Relation.FindConstraint(name) is not null
            || IsConstraintNameTaken(name) || (isIndex && !ClaimName(name)));
    }

    // Made-up names are unique in the schema, as PostgreSQL chooses them.
    bool IsConstraintNameTaken(string name)
        => context.Snapshot.All<Relation>().Any(other => other.Oid != Relation.Oid && other.Schema == Relation.Schema && other.FindConstraint(name) is not null);

    bool ClaimName(string name)
    {
        if (IsRelationNameTaken(name))
            return false;
        _claimedNames.Add(name);
        return true;
    }

    short KeyColumn(string name, int position)
        => Relation.FindColumn(name)?.Number
            ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" named in key does not exist") { Position = position };

    static void RequireOrder(PgType type, string method)
    {
        if (!type.Codec.IsOrdered)
            throw new PgError(SqlState.UndefinedObject, $"data type {type} has no default operator class for access method \"{method}\"")
            {
                Hint = "You must specify an operator class for the index or define a default operator class for the data type.",
            };
    }
}
