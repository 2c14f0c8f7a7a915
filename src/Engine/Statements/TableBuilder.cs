using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using Constraint = PgVectorCompat.Engine.Catalog.Constraint;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// A table while CREATE TABLE or ALTER TABLE … ADD puts it together: columns first, then the expressions and constraints that need them.
/// Nothing is in the catalog before <see cref="Save"/>.
/// </summary>
public sealed partial class TableBuilder(StatementContext context, Relation relation, bool isNew)
{
    readonly TableExpressions _expressions = new(context);
    readonly List<SequenceDefinition> _sequences = [];
    readonly List<IndexDefinition> _indexes = [];
    readonly List<Constraint> _toValidate = [];
    readonly HashSet<string> _claimedNames = [];

    /// <summary>The table as far as it is.</summary>
    public Relation Relation { get; private set; } = relation;

    /// <summary>Indexes to be built over the rows once the table is saved.</summary>
    public IReadOnlyList<IndexDefinition> NewIndexes => _indexes;

    /// <summary>Constraints that existing rows must be checked against.</summary>
    public IReadOnlyList<Constraint> ToValidate => _toValidate;

    /// <summary>Adds a column with everything but the constraints that name other columns; those are returned for <see cref="AddColumnConstraints"/>.</summary>
    public Column AddColumn(ColumnDefinition definition)
    {
        if (Relation.FindColumn(definition.Name) is not null)
            throw isNew
                ? new PgError(SqlState.DuplicateColumn, $"column \"{definition.Name}\" specified more than once")
                : CatalogErrors.DuplicateColumn(definition.Name, Relation.Name);
        ForbidSystemName(definition.Name);
        if (Relation.Columns.Length >= MaxColumns)
            throw new PgError(SqlState.TooManyColumns, $"tables can have at most {MaxColumns} columns");

        var typeName = definition.Type ?? throw PgError.Unsupported("a column without a type", definition.Position);
        var serial = SerialType(typeName);
        var (type, typmod) = serial is null ? context.Names.ResolveType(typeName) : (serial, -1);
        CheckColumnType(definition.Name, type);
        var column = new Column
        {
            Name = definition.Name,
            Number = checked((short)(Relation.Columns.Length + 1)),
            Type = type,
            Typmod = typmod,
            Dimensions = (short)typeName.ArrayDimensions.Length,
            Collation = ResolveCollation(definition.Collation, type),
            Storage = definition.Storage is null ? null : ColumnOptions.Storage(type, definition.Storage),
            Compression = definition.Compression is null ? null : ColumnOptions.Compression(definition.Compression),
        };
        Relation = Relation with { Columns = Relation.Columns.Add(column) };
        if (serial is not null)
            AddSerial(column, definition);
        AddOwnRules(Relation.Columns[^1], definition, serial is not null);
        return Relation.Columns[^1];
    }

    /// <summary>PostgreSQL's MaxHeapAttributeNumber.</summary>
    public const int MaxColumns = 1600;

    // NOT NULL, DEFAULT and IDENTITY: what concerns the column alone.
    void AddOwnRules(Column column, ColumnDefinition definition, bool isSerial)
    {
        var sawNull = false;
        var (hasDefault, hasIdentity, hasGeneration) = (isSerial, false, false);
        PgError Twice(string what, Node at) => new(SqlState.SyntaxError, $"{what} specified for column \"{column.Name}\" of table \"{Relation.Name}\"") { Position = at.Position };
        foreach (var constraint in definition.Constraints)
        {
            switch (constraint)
            {
                case NotNullConstraint:
                    if (sawNull)
                        throw ConflictingNull(column, constraint);
                    column = column with { NotNull = true };
                    break;
                case NullableConstraint:
                    if (column.NotNull)
                        throw ConflictingNull(column, constraint);
                    sawNull = true;
                    break;
                case DefaultConstraint value:
                    if (hasDefault)
                        throw Twice("multiple default values", value);
                    hasDefault = true;
                    if (hasIdentity || hasGeneration)
                        break;
                    if (value.Value is not NullConstant)
                    {
                        var stored = _expressions.Default(column.Name, column.Type, column.Typmod, value.Value);
                        column = column with { Default = stored.Text, DefaultReferences = stored.References };
                    }
                    break;
                case IdentityConstraint identity:
                    if (hasIdentity)
                        throw new PgError(SqlState.SyntaxError, $"multiple identity specifications for column \"{column.Name}\" of table \"{Relation.Name}\"") { Position = identity.Position };
                    hasIdentity = true;
                    if (sawNull)
                        throw ConflictingNull(column, constraint);
                    if (hasDefault || hasGeneration)
                        break;
                    AddIdentitySequence(column, identity);
                    column = column with { NotNull = true, Identity = identity.IsAlways ? Identity.Always : Identity.ByDefault };
                    break;
                case GeneratedConstraint:
                    // Known before any generation expression is looked at: those may not read each other's columns.
                    hasGeneration = true;
                    column = column with { IsGenerated = true };
                    break;
            }
            if (hasDefault && hasIdentity)
                throw Twice("both default and identity", constraint);
            if (hasDefault && hasGeneration)
                throw Twice("both default and generation expression", constraint);
            if (hasIdentity && hasGeneration)
                throw Twice("both identity and generation expression", constraint);
        }
        Replace(column);
    }

    /// <summary>Adds the constraints written with a column that may need other columns: generation, CHECK, keys, references.</summary>
    public void AddColumnConstraints(string columnName, ColumnDefinition definition)
    {
        foreach (var constraint in definition.Constraints)
        {
            if (constraint is GeneratedConstraint generated)
            {
                var column = Relation.FindColumn(columnName)!;
                if (column.Default is not null)
                    throw new PgError(SqlState.SyntaxError, $"multiple generation clauses specified for column \"{column.Name}\" of table \"{Relation.Name}\"") { Position = generated.Position };
                var stored = _expressions.Generated(Relation, column, generated.Value);
                Replace(column with { Default = stored.Text, DefaultReferences = stored.References, IsGenerated = true });
            }
            else if (constraint is CheckConstraint or UniqueConstraint or ForeignKeyConstraint or ExclusionConstraint)
            {
                AddConstraint(constraint, columnName);
            }
        }
    }

    /// <summary>Adds a copy of another table's column with what LIKE … INCLUDING asks for; returns its number.</summary>
    public short AddLikeColumn(Column source, LikeOptions including, SequenceDefinition? identity)
    {
        if (Relation.FindColumn(source.Name) is not null)
            throw new PgError(SqlState.DuplicateColumn, $"column \"{source.Name}\" specified more than once");
        var withDefault = including.HasFlag(LikeOptions.Defaults) && !source.IsGenerated;
        var column = source with
        {
            Number = checked((short)(Relation.Columns.Length + 1)),
            Default = withDefault ? source.Default : null,
            DefaultReferences = withDefault ? source.DefaultReferences : [],
            IsGenerated = false,
            Identity = Identity.None,
            MissingValue = null,
            Comment = including.HasFlag(LikeOptions.Comments) ? source.Comment : null,
            Storage = including.HasFlag(LikeOptions.Storage) ? source.Storage : null,
            Compression = including.HasFlag(LikeOptions.Compression) ? source.Compression : null,
        };
        Relation = Relation with { Columns = Relation.Columns.Add(column) };
        if (identity is not null && including.HasFlag(LikeOptions.Identity))
        {
            AddSequence(column, SequenceName(column.Name), [], isIdentity: true);
            _sequences[^1] = identity with
            {
                Oid = _sequences[^1].Oid,
                StateId = _sequences[^1].StateId,
                Name = _sequences[^1].Name,
                Schema = Relation.Schema,
                Owner = Relation.Owner,
                OwnedBy = Relation.Oid,
                OwnedByColumn = column.Number,
            };
            Replace(column with { Identity = source.Identity });
        }
        return column.Number;
    }

    /// <summary>Puts the table, its sequences and its indexes into the catalog, and makes their storage.</summary>
    public void Save()
    {
        SaveDefinitions();
        BuildIndexes();
    }

    /// <summary>The first half of <see cref="Save"/>; rows may be changed before <see cref="BuildIndexes"/>.</summary>
    public void SaveDefinitions()
    {
        foreach (var sequence in _sequences)
            SequenceStatements.Save(context, sequence, new SequenceState(sequence.Start, false));
        if (isNew && Relation.HasRows)
            Relation = Relation with { Columns = Tables.RowFormat.AssignVectorColumns(Relation.Columns) };
        context.Catalog.Put(Relation);
        if (isNew && Relation.HasRows)
            context.Tables.Create(Relation);
    }

    /// <summary>Adds the new indexes to the catalog and builds them over the table as it is there.</summary>
    public void BuildIndexes()
    {
        foreach (var index in _indexes)
            context.Catalog.Put(index);
        foreach (var index in _indexes)
            context.Tables.BuildIndex(context.Snapshot.Get<Relation>(Relation.Oid), index);
    }

    /// <summary>The new sequence of a new identity column.</summary>
    public SequenceDefinition IdentitySequenceOf(Column column) => _sequences.First(sequence => sequence.OwnedByColumn == column.Number);

    /// <summary>What rows that were there before have in a new column, in text form; null for NULL.</summary>
    public void SetMissingValue(Column column, string? text) => Replace(column with { MissingValue = text });

    /// <summary>Gives an existing column identity (ALTER TABLE … ADD GENERATED).</summary>
    public void AddIdentity(Column column, IdentityConstraint identity)
    {
        AddIdentitySequence(column, identity);
        Replace(column with { Identity = identity.IsAlways ? Identity.Always : Identity.ByDefault });
    }

    void Replace(Column column) => Relation = Relation with { Columns = Relation.Columns.SetItem(column.Number - 1, column) };

    void AddSerial(Column column, ColumnDefinition definition)
    {
        foreach (var constraint in definition.Constraints)
            if (constraint is NullableConstraint)
                throw ConflictingNull(column, constraint);
        var sequence = AddSequence(column, SequenceName(column.Name), [], isIdentity: false);
        Replace(column with
        {
            NotNull = true,
            Default = $"nextval('{sequence.Oid}'::regclass)",
            DefaultReferences = [new ObjectAddress(sequence.Oid)],
        });
    }

    void AddIdentitySequence(Column column, IdentityConstraint identity)
    {
        if (column.Type != PgTypes.Int2 && column.Type != PgTypes.Int4 && column.Type != PgTypes.Int8)
            throw new PgError(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        var named = identity.Options.FirstOrDefault(option => option.Kind == SequenceOptionKind.SequenceName);
        AddSequence(column, named?.Name[^1] ?? SequenceName(column.Name), identity.Options.RemoveAll(option => option.Kind == SequenceOptionKind.SequenceName), isIdentity: true);
    }

    SequenceDefinition AddSequence(Column column, string name, ImmutableArray<SequenceOption> options, bool isIdentity)
    {
        CreationTarget.ClaimRelation(context, Relation.Schema, name, withRowType: false);
        _claimedNames.Add(name);
        var sequence = SequenceOptions.Apply(context, new SequenceDefinition
        {
            Oid = context.Catalog.NewOid(),
            StateId = context.Catalog.NewOid(),
            Name = name,
            Schema = Relation.Schema,
            Owner = Relation.Owner,
            Type = column.Type,
            OwnedBy = Relation.Oid,
            OwnedByColumn = column.Number,
            IsIdentity = isIdentity,
            Persistence = Relation.Persistence,
        }, options, isNew: true, isIdentity ? column.Type : null, out _);
        _sequences.Add(sequence);
        return sequence;
    }

    string SequenceName(string column) => Identifier.Choose(Relation.Name, column, "seq", IsRelationNameTaken);

    /// <summary>Whether a relation of the table's schema has this name, also one that this statement is about to make.</summary>
    bool IsRelationNameTaken(string name)
        => name == Relation.Name || _claimedNames.Contains(name) || !CreationTarget.TryClaimRelation(context, Relation.Schema, name);

    static PgType? SerialType(TypeName name)
    {
        if (name.Name.Schema is not null and not "pg_catalog")
            return null;
        var type = name.Name.Name switch
        {
            "smallserial" or "serial2" => PgTypes.Int2,
            "serial" or "serial4" => PgTypes.Int4,
            "bigserial" or "serial8" => PgTypes.Int8,
            _ => null,
        };
        if (type is not null && name.IsArray)
            throw new PgError(SqlState.FeatureNotSupported, "array of serial is not implemented") { Position = name.Position };
        return type;
    }

    static void CheckColumnType(string column, PgType type)
    {
        if (type.Kind == TypeKind.Pseudo || (type.IsArray && type.Element!.Kind == TypeKind.Pseudo))
            throw new PgError(SqlState.InvalidTableDefinition, $"column \"{column}\" has pseudo-type {type}");
    }

    static string? ResolveCollation(QualifiedName? written, PgType type)
    {
        if (written is null)
            return null;
        if (!type.IsCollatable)
            throw new PgError(SqlState.DatatypeMismatch, $"collations are not supported by type {type}") { Position = written.Position };
        return Collations.Require(written);
    }

    static void ForbidSystemName(string name)
    {
        if (name is "ctid" or "xmin" or "cmin" or "xmax" or "cmax" or "tableoid")
            throw new PgError(SqlState.DuplicateColumn, $"column name \"{name}\" conflicts with a system column name");
    }

    PgError ConflictingNull(Column column, Sql.Constraint constraint)
        => new(SqlState.SyntaxError, $"conflicting NULL/NOT NULL declarations for column \"{column.Name}\" of table \"{Relation.Name}\"") { Position = constraint.Position };
}
