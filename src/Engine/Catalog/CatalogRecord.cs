using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// The stored form of catalog objects: format version, kind, the fields every object has, then those of its kind in the order below.
/// Types are written as OIDs. A new field goes to the end of its kind with a new <see cref="FormatVersion"/>, which readers compare.
/// </summary>
static class CatalogRecord
{
    const int FormatVersion = 1;

    enum Kind : byte { Schema = 1, Relation, Index, Sequence, Type, Extension, Role, Database }

    public static byte[] Write(CatalogObject item)
    {
        var to = new RecordWriter();
        to.Byte(FormatVersion);
        to.Byte((byte)KindOf(item));
        to.Oid(item.Oid);
        to.Text(item.Name);
        to.Oid(item.Owner);
        to.Acl(item.Acl);
        to.Text(item.Comment);
        if (item is SchemaObject inSchema)
        {
            to.Oid(inSchema.Schema);
            to.Oid(inSchema.OwnedBy);
        }
        switch (item)
        {
            case SchemaDefinition schema: to.Bool(schema.IsTemporary); break;
            case Relation relation: WriteRelation(relation, to); break;
            case IndexDefinition index: WriteIndex(index, to); break;
            case SequenceDefinition sequence: WriteSequence(sequence, to); break;
            case TypeDefinition type: WriteType(type, to); break;
            case ExtensionDefinition extension: to.Text(extension.Version); break;
            case RoleDefinition role: WriteRole(role, to); break;
            case DatabaseDefinition database: WriteDatabase(database, to); break;
        }
        return to.ToArray();
    }

    /// <summary>The OIDs of the types that a record defines, so that they can be found before it is read; zeros are none.</summary>
    public static (uint Type, uint Array) TypesDefinedBy(byte[] record)
    {
        var reader = new RecordReader(record, _ => PgTypes.Unknown);
        return Read(reader) switch
        {
            Relation relation => (relation.RowTypeOid, relation.RowArrayTypeOid),
            TypeDefinition type => (type.Oid, type.ArrayTypeOid),
            _ => default,
        };
    }

    public static CatalogObject Read(byte[] record, Func<uint, PgType> findType) => Read(new RecordReader(record, findType));

    static CatalogObject Read(RecordReader from)
    {
        var version = from.Byte();
        if (version != FormatVersion)
            throw new PgError(SqlState.DataCorrupted, $"catalog record has format version {version}, expected {FormatVersion}");
        var kind = (Kind)from.Byte();
        var (oid, name, owner, acl, comment) = (from.Oid(), from.Text(), from.Oid(), from.Acl(), from.OptionalText());
        var (schema, ownedBy) = kind is Kind.Schema or Kind.Role or Kind.Database ? (0, 0) : (from.Oid(), from.Oid());
        CatalogObject item = kind switch
        {
            Kind.Schema => new SchemaDefinition { Oid = oid, Name = name, IsTemporary = from.Bool() },
            Kind.Relation => ReadRelation(oid, name, schema, from),
            Kind.Index => ReadIndex(oid, name, schema, from),
            Kind.Sequence => ReadSequence(oid, name, schema, from),
            Kind.Type => ReadType(oid, name, schema, from),
            Kind.Extension => new ExtensionDefinition { Oid = oid, Name = name, Schema = schema, Version = from.Text() },
            Kind.Role => ReadRole(oid, name, from),
            Kind.Database => ReadDatabase(oid, name, from),
            _ => throw new PgError(SqlState.DataCorrupted, $"catalog record has unknown kind {(byte)kind}"),
        };
        item = item with { Owner = owner, Acl = acl, Comment = comment };
        return item is SchemaObject inSchema && ownedBy != 0 ? inSchema with { OwnedBy = ownedBy } : item;
    }

    static Kind KindOf(CatalogObject item) => item switch
    {
        SchemaDefinition => Kind.Schema,
        Relation => Kind.Relation,
        IndexDefinition => Kind.Index,
        SequenceDefinition => Kind.Sequence,
        TypeDefinition => Kind.Type,
        ExtensionDefinition => Kind.Extension,
        RoleDefinition => Kind.Role,
        DatabaseDefinition => Kind.Database,
        _ => throw new ArgumentException($"no record form for {item.GetType().Name}"),
    };

    static void WriteRelation(Relation relation, RecordWriter to)
    {
        to.Char((char)relation.Kind);
        to.List(relation.Columns, column => WriteColumn(column, to));
        to.List(relation.Constraints, constraint => WriteConstraint(constraint, to));
        to.Char((char)relation.Persistence);
        to.Oid(relation.StorageId);
        to.Text(relation.ViewDefinition);
        to.List(relation.References, to.Address);
        to.Oid(relation.RowTypeOid);
        to.Oid(relation.RowArrayTypeOid);
        to.Map(relation.Options);
        to.Bool(relation.IsPopulated);
        to.Byte((int)relation.OnCommit);
        to.Char(relation.ReplicaIdentity);
    }

    static Relation ReadRelation(uint oid, string name, uint schema, RecordReader from) => new()
    {
        Oid = oid,
        Name = name,
        Schema = schema,
        Kind = (RelationKind)from.Char()!.Value,
        Columns = from.List(() => ReadColumn(from)),
        Constraints = from.List(() => ReadConstraint(from)),
        Persistence = (Persistence)from.Char()!.Value,
        StorageId = from.Oid(),
        ViewDefinition = from.OptionalText(),
        References = from.List(from.Address),
        RowTypeOid = from.Oid(),
        RowArrayTypeOid = from.Oid(),
        Options = from.Map(),
        IsPopulated = from.Bool(),
        OnCommit = (OnCommitAction)from.Byte(),
        ReplicaIdentity = from.Char()!.Value,
    };

    static void WriteColumn(Column column, RecordWriter to)
    {
        to.Text(column.Name);
        to.Int16(column.Number);
        to.Type(column.Type);
        to.Int32(column.Typmod);
        to.Bool(column.NotNull);
        to.Text(column.Default);
        to.List(column.DefaultReferences, to.Address);
        to.Bool(column.IsGenerated);
        to.Byte((int)column.Identity);
        to.Bool(column.IsDropped);
        to.Text(column.MissingValue);
        to.Text(column.Comment);
        to.Text(column.Collation);
        to.Char(column.Storage);
        to.Char(column.Compression);
        to.Int32(column.StatisticsTarget);
        to.Int16(column.Dimensions);
        to.Int16(column.VectorColumn);
    }

    static Column ReadColumn(RecordReader from) => new()
    {
        Name = from.Text(),
        Number = from.Int16(),
        Type = from.Type(),
        Typmod = from.Int32(),
        NotNull = from.Bool(),
        Default = from.OptionalText(),
        DefaultReferences = from.List(from.Address),
        IsGenerated = from.Bool(),
        Identity = (Identity)from.Byte(),
        IsDropped = from.Bool(),
        MissingValue = from.OptionalText(),
        Comment = from.OptionalText(),
        Collation = from.OptionalText(),
        Storage = from.Char(),
        Compression = from.Char(),
        StatisticsTarget = from.Int32(),
        Dimensions = from.Int16(),
        VectorColumn = from.Int16(),
    };

    static void WriteConstraint(Constraint constraint, RecordWriter to)
    {
        to.Oid(constraint.Oid);
        to.Text(constraint.Name);
        to.Char((char)constraint.Kind);
        to.List(constraint.Columns, to.Int16);
        to.Text(constraint.Expression);
        to.List(constraint.References, to.Address);
        to.Oid(constraint.IndexOid);
        to.Oid(constraint.ReferencedTable);
        to.List(constraint.ReferencedColumns, to.Int16);
        to.Char((char)constraint.OnDelete);
        to.Char((char)constraint.OnUpdate);
        to.List(constraint.SetColumns, to.Int16);
        to.Bool(constraint.MatchFull);
        to.Bool(constraint.IsDeferrable);
        to.Bool(constraint.InitiallyDeferred);
        to.Bool(constraint.IsValidated);
        to.Bool(constraint.NoInherit);
        to.Text(constraint.Comment);
    }

    static Constraint ReadConstraint(RecordReader from) => new()
    {
        Oid = from.Oid(),
        Name = from.Text(),
        Kind = (ConstraintKind)from.Char()!.Value,
        Columns = from.List(from.Int16),
        Expression = from.OptionalText(),
        References = from.List(from.Address),
        IndexOid = from.Oid(),
        ReferencedTable = from.Oid(),
        ReferencedColumns = from.List(from.Int16),
        OnDelete = (ForeignKeyAction)from.Char()!.Value,
        OnUpdate = (ForeignKeyAction)from.Char()!.Value,
        SetColumns = from.List(from.Int16),
        MatchFull = from.Bool(),
        IsDeferrable = from.Bool(),
        InitiallyDeferred = from.Bool(),
        IsValidated = from.Bool(),
        NoInherit = from.Bool(),
        Comment = from.OptionalText(),
    };

    static void WriteIndex(IndexDefinition index, RecordWriter to)
    {
        to.Oid(index.Table);
        to.Text(index.Method);
        to.List(index.Keys, key =>
        {
            to.Int16(key.Column);
            to.Text(key.Expression);
            to.Text(key.OperatorClass);
            to.Bool(key.Descending);
            to.Bool(key.NullsFirst);
            to.Text(key.Collation);
        });
        to.List(index.Included, to.Int16);
        to.Bool(index.IsUnique);
        to.Bool(index.IsPrimary);
        to.Bool(index.NullsNotDistinct);
        to.Oid(index.ConstraintOid);
        to.Text(index.Predicate);
        to.List(index.References, to.Address);
        to.Map(index.Options);
        to.Bool(index.IsValid);
    }

    static IndexDefinition ReadIndex(uint oid, string name, uint schema, RecordReader from) => new()
    {
        Oid = oid,
        Name = name,
        Schema = schema,
        Table = from.Oid(),
        Method = from.Text(),
        Keys = from.List(() => new IndexKey(from.Int16(), from.OptionalText(), from.OptionalText(), from.Bool(), from.Bool(), from.OptionalText())),
        Included = from.List(from.Int16),
        IsUnique = from.Bool(),
        IsPrimary = from.Bool(),
        NullsNotDistinct = from.Bool(),
        ConstraintOid = from.Oid(),
        Predicate = from.OptionalText(),
        References = from.List(from.Address),
        Options = from.Map(),
        IsValid = from.Bool(),
    };

    static void WriteSequence(SequenceDefinition sequence, RecordWriter to)
    {
        to.Oid(sequence.StateId);
        to.Type(sequence.Type);
        to.Int64(sequence.Start);
        to.Int64(sequence.Increment);
        to.Int64(sequence.Minimum);
        to.Int64(sequence.Maximum);
        to.Int64(sequence.Cache);
        to.Bool(sequence.Cycles);
        to.Int16(sequence.OwnedByColumn);
        to.Bool(sequence.IsIdentity);
        to.Char((char)sequence.Persistence);
    }

    static SequenceDefinition ReadSequence(uint oid, string name, uint schema, RecordReader from) => new()
    {
        Oid = oid,
        Name = name,
        Schema = schema,
        StateId = from.Oid(),
        Type = from.Type(),
        Start = from.Int64(),
        Increment = from.Int64(),
        Minimum = from.Int64(),
        Maximum = from.Int64(),
        Cache = from.Int64(),
        Cycles = from.Bool(),
        OwnedByColumn = from.Int16(),
        IsIdentity = from.Bool(),
        Persistence = (Persistence)from.Char()!.Value,
    };

    static void WriteType(TypeDefinition type, RecordWriter to)
    {
        to.Char((char)type.Kind);
        to.Oid(type.ArrayTypeOid);
        to.List(type.Labels, label =>
        {
            to.Oid(label.Oid);
            to.Text(label.Label);
            to.Double(label.SortOrder);
        });
        to.Type(type.BaseType);
        to.Int32(type.Typmod);
        to.Bool(type.NotNull);
        to.Text(type.Default);
        to.List(type.Checks, check => WriteConstraint(check, to));
        to.Text(type.Collation);
    }

    static TypeDefinition ReadType(uint oid, string name, uint schema, RecordReader from) => new()
    {
        Oid = oid,
        Name = name,
        Schema = schema,
        Kind = (TypeKind)from.Char()!.Value,
        ArrayTypeOid = from.Oid(),
        Labels = from.List(() => new EnumLabel(from.Oid(), from.Text(), from.Double())),
        BaseType = from.OptionalType(),
        Typmod = from.Int32(),
        NotNull = from.Bool(),
        Default = from.OptionalText(),
        Checks = from.List(() => ReadConstraint(from)),
        Collation = from.OptionalText(),
    };

    static void WriteRole(RoleDefinition role, RecordWriter to)
    {
        to.Bool(role.IsSuperuser);
        to.Bool(role.Inherits);
        to.Bool(role.CanCreateRole);
        to.Bool(role.CanCreateDatabase);
        to.Bool(role.CanLogin);
        to.Bool(role.IsReplication);
        to.Bool(role.BypassesRowSecurity);
        to.Int32(role.ConnectionLimit);
        to.Bool(role.ValidUntil is not null);
        to.Int64(role.ValidUntil?.UtcTicks ?? 0);
        to.Text(role.Password);
        to.List(role.MemberOf, membership =>
        {
            to.Oid(membership.Role);
            to.Bool(membership.Admin);
            to.Oid(membership.Grantor);
        });
        to.Map(role.Settings);
    }

    static RoleDefinition ReadRole(uint oid, string name, RecordReader from) => new()
    {
        Oid = oid,
        Name = name,
        IsSuperuser = from.Bool(),
        Inherits = from.Bool(),
        CanCreateRole = from.Bool(),
        CanCreateDatabase = from.Bool(),
        CanLogin = from.Bool(),
        IsReplication = from.Bool(),
        BypassesRowSecurity = from.Bool(),
        ConnectionLimit = from.Int32(),
        ValidUntil = (from.Bool(), from.Int64()) is (true, var ticks) ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
        Password = from.OptionalText(),
        MemberOf = from.List(() => new RoleMembership(from.Oid(), from.Bool(), from.Oid())),
        Settings = from.Map(),
    };

    static void WriteDatabase(DatabaseDefinition database, RecordWriter to)
    {
        to.Bool(database.IsTemplate);
        to.Bool(database.AllowsConnections);
        to.Int32(database.ConnectionLimit);
        to.Text(database.Collation);
        to.Map(database.Settings);
        to.List(database.RoleSettings, entry =>
        {
            to.Oid(entry.Key);
            to.Map(entry.Value);
        });
    }

    static DatabaseDefinition ReadDatabase(uint oid, string name, RecordReader from) => new()
    {
        Oid = oid,
        Name = name,
        IsTemplate = from.Bool(),
        AllowsConnections = from.Bool(),
        ConnectionLimit = from.Int32(),
        Collation = from.Text(),
        Settings = from.Map(),
        RoleSettings = from.List(() => KeyValuePair.Create(from.Oid(), from.Map())).ToImmutableSortedDictionary(),
    };
}
