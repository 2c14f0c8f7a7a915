using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Engine.Catalog;

public sealed class CatalogTests : IDisposable
{
    const uint Database = WellKnownOids.PostgresDatabase;

    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-catalog-" + Guid.NewGuid().ToString("N"));
    Store _store;
    ClusterCatalog _catalog;

    public CatalogTests()
    {
        (_store, _catalog) = Open();
        Bootstrap.Run(_catalog, "postgres", null, "app");
    }

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    (Store, ClusterCatalog) Open()
    {
        var store = Store.Open(new DiskFileSystem(_folder), new StoreOptions { Sync = false, BackgroundWork = false });
        return (store, ClusterCatalog.Load(store));
    }

    void Reopen()
    {
        _store.Dispose();
        (_store, _catalog) = Open();
    }

    /// <summary>Runs changes in a transaction of their own and commits.</summary>
    void Commit(Action<CatalogTransaction> change)
    {
        using var transaction = _store.Begin();
        var catalog = new CatalogTransaction(_catalog, Database, () => transaction);
        change(catalog);
        catalog.Commit(transaction, waitForFlush: false);
    }

    CatalogSnapshot Now => _catalog.Current(Database);

    Relation Table(string name, params Column[] columns) => new()
    {
        Oid = _catalog.Oids.Next(),
        Name = name,
        Schema = WellKnownOids.Public,
        Kind = RelationKind.Table,
        Columns = [.. columns],
        StorageId = _catalog.Oids.Next(),
        RowTypeOid = _catalog.Oids.Next(),
        RowArrayTypeOid = _catalog.Oids.Next(),
    };

    TypeDefinition Mood(params string[] labels) => new()
    {
        Oid = _catalog.Oids.Next(),
        Name = "mood",
        Schema = WellKnownOids.Public,
        Kind = TypeKind.Enum,
        ArrayTypeOid = _catalog.Oids.Next(),
        Labels = [.. labels.Select((label, i) => new EnumLabel(_catalog.Oids.Next(), label, i + 1))],
    };

    [Fact]
    public void A_new_cluster_has_PostgreSQLs_databases_schemas_and_roles()
    {
        Reopen();
        Assert.Equal(["template1", "template0", "postgres", "app"], _catalog.Shared.Databases.Select(database => database.Name));
        Assert.Equal(["pg_catalog", "pg_toast", "public", "information_schema"], Now.All<SchemaDefinition>().Select(schema => schema.Name));
        Assert.True(_catalog.Shared.FindRole("postgres")!.IsSuperuser);
        Assert.NotNull(_catalog.Shared.FindRole("pg_read_all_data"));
    }

    [Fact]
    public void Every_kind_of_object_reads_back_as_it_was_written()
    {
        var mood = Mood("sad", "ok");
        Commit(catalog => catalog.Put(mood));
        var table = Table("t", new Column
        {
            Name = "m",
            Number = 1,
            Type = Now.FindType(mood.Oid)!,
            Default = "'ok'",
            DefaultReferences = [new(mood.Oid)],
            MissingValue = "sad",
            Storage = 'x',
            VectorColumn = 3,
            StatisticsTarget = 7,
            Comment = "c",
        }) with
        {
            Acl = [new(AclItem.Public, 10, Rights.Select, Rights.None)],
            Constraints =
            [
                new Constraint { Oid = _catalog.Oids.Next(), Name = "c", Kind = ConstraintKind.Check, Columns = [1], Expression = "(m IS NOT NULL)", IsValidated = false },
            ],
            Comment = "a table",
        };
        CatalogObject[] written =
        [
            table,
            new IndexDefinition { Oid = _catalog.Oids.Next(), Name = "i", Schema = WellKnownOids.Public, Table = table.Oid, Method = "btree", Keys = [new(1, null, Descending: true)], IsUnique = true, Predicate = "true" },
            new SequenceDefinition { Oid = _catalog.Oids.Next(), StateId = _catalog.Oids.Next(), Name = "s", Schema = WellKnownOids.Public, Type = PgTypes.Int4, Increment = -2, Cycles = true, OwnedBy = table.Oid, OwnedByColumn = 1 },
            new TypeDefinition { Oid = _catalog.Oids.Next(), Name = "d", Schema = WellKnownOids.Public, Kind = TypeKind.Domain, ArrayTypeOid = _catalog.Oids.Next(), BaseType = PgTypes.Int8, NotNull = true, Default = "1" },
            new ExtensionDefinition { Oid = _catalog.Oids.Next(), Name = "vector", Schema = WellKnownOids.Public, Version = "0.8.0" },
            new RoleDefinition { Oid = _catalog.Oids.Next(), Name = "bob", CanLogin = true, Password = "SCRAM", ValidUntil = DateTimeOffset.UnixEpoch, MemberOf = [new(10, true, 10)] },
        ];
        Commit(catalog =>
        {
            foreach (var item in written)
                catalog.Put(item);
        });
        var before = written.Select(item => Print(Now.Find(item.Oid)!)).ToList();
        Reopen();
        Assert.Equal(before, written.Select(item => Print(Now.Find(item.Oid)!)));
        Assert.Equal("sad", Now.Get<Relation>(table.Oid).Columns[0].Type.Codec.ToText(Datum.Of((long)mood.Labels[0].Oid), TypeSettings.Default));
    }

    /// <summary>All properties, lists written out: records compare lists by reference.</summary>
    static string Print(object? value) => value switch
    {
        null => "null",
        string text => text,
        PgType type => type.Name,
        System.Collections.IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Print)) + "]",
        CatalogObject or Column or Constraint or IndexKey => value.GetType().Name + "{" + string.Join("; ", value.GetType().GetProperties()
            .Where(property => property.GetIndexParameters().Length == 0).Select(property => property.Name + "=" + Print(property.GetValue(value)))) + "}",
        _ => value.ToString()!,
    };

    [Fact]
    public void Changes_of_two_transactions_come_together()
    {
        using var first = _store.Begin();
        var mine = new CatalogTransaction(_catalog, Database, () => first);
        mine.Put(Table("mine"));
        Commit(catalog => catalog.Put(Table("theirs")));

        Assert.Null(mine.Snapshot.FindRelation(WellKnownOids.Public, "theirs"));
        mine.Refresh();
        Assert.NotNull(mine.Snapshot.FindRelation(WellKnownOids.Public, "theirs"));
        Assert.NotNull(mine.Snapshot.FindRelation(WellKnownOids.Public, "mine"));
        Assert.Null(Now.FindRelation(WellKnownOids.Public, "mine"));
        mine.Commit(first, waitForFlush: false);
        Assert.NotNull(Now.FindRelation(WellKnownOids.Public, "mine"));
    }

    [Fact]
    public void A_savepoint_brings_back_what_was_dropped_after_it()
    {
        var table = Table("t");
        Commit(catalog => catalog.Put(table));
        using var transaction = _store.Begin();
        var catalog = new CatalogTransaction(_catalog, Database, () => transaction);
        catalog.Put(Table("u"));
        var savepoint = catalog.CreateSavepoint();
        catalog.Delete(table);
        Assert.Null(catalog.Snapshot.FindRelation(WellKnownOids.Public, "t"));
        catalog.RollbackTo(savepoint);
        Assert.NotNull(catalog.Snapshot.FindRelation(WellKnownOids.Public, "t"));
        Assert.NotNull(catalog.Snapshot.FindRelation(WellKnownOids.Public, "u"));
    }

    [Fact]
    public void A_changed_type_reaches_the_columns_that_use_it()
    {
        var mood = Mood("sad");
        Commit(catalog => catalog.Put(mood));
        var table = Table("t", new Column { Name = "m", Number = 1, Type = Now.FindType(mood.Oid)! }, new Column { Name = "a", Number = 2, Type = Now.FindType(mood.Oid)!.Array! });
        Commit(catalog => catalog.Put(table));
        Commit(catalog => catalog.Put(mood with { Labels = mood.Labels.Add(new EnumLabel(_catalog.Oids.Next(), "ok", 2)) }));

        var columns = Now.Get<Relation>(table.Oid).Columns;
        Assert.Equal("ok", columns[0].Type.Codec.ToText(columns[0].Type.Codec.Parse("ok", -1, TypeSettings.Default), TypeSettings.Default));
        Assert.Equal("{ok,sad}", columns[1].Type.Codec.ToText(columns[1].Type.Codec.Parse("{ok,sad}", -1, TypeSettings.Default), TypeSettings.Default));
    }

    [Fact]
    public void Types_of_an_extension_are_visible_in_its_schema_while_it_is_installed()
    {
        Assert.Null(Now.FindType(WellKnownOids.Public, "vector"));
        var extension = new ExtensionDefinition { Oid = _catalog.Oids.Next(), Name = "vector", Schema = WellKnownOids.Public, Version = "0.8.0" };
        Commit(catalog => catalog.Put(extension));
        Assert.Equal(PgTypes.Vector, Now.FindType(WellKnownOids.Public, "vector"));
        Assert.Null(Now.FindType(WellKnownOids.PgCatalog, "vector"));
        Assert.Null(Now.FindType(WellKnownOids.Public, "ruvector"));
        Commit(catalog => catalog.Delete(extension));
        Assert.Null(Now.FindType(PgTypes.VectorOid));
    }

    [Fact]
    public void OIDs_are_never_given_out_twice()
    {
        var last = Enumerable.Range(0, 1000).Select(_ => _catalog.Oids.Next()).Last();
        Commit(catalog => catalog.Put(Table("t")));
        Reopen();
        Assert.True(_catalog.Oids.Next() > last);
    }

    [Fact]
    public void A_sequence_goes_on_behind_what_it_gave_out()
    {
        var sequence = new SequenceDefinition { Oid = _catalog.Oids.Next(), StateId = _catalog.Oids.Next(), Name = "s", Schema = WellKnownOids.Public, Type = PgTypes.Int8, Maximum = 100 };
        for (var expected = 1; expected <= 40; expected++)
            Assert.Equal(expected, _catalog.Sequences.Next(Database, sequence, out _));
        Commit(catalog => catalog.Put(sequence));
        Reopen();
        Assert.InRange(_catalog.Sequences.Next(Database, sequence, out _), 41, 40 + 33);
        _catalog.Sequences.Set(Database, sequence, new SequenceState(100, true));
        Assert.Equal(SqlState.SequenceGeneratorLimitExceeded, Assert.Throws<PgError>(() => _catalog.Sequences.Next(Database, sequence, out _)).SqlState);
    }
}
