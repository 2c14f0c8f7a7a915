using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.CatalogFunctions.CatalogFunction;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>pg_relation_size and kin, pg_size_pretty.</summary>
static class SizeFunctions
{
    public static FunctionTable Table => new(
    [
        Of("pg_relation_size", PgTypes.Int8, [PgTypes.RegClass], (arguments, context) => OfRelation(arguments[0].AsOid, context, (names, item) => RelationSizes.Own(context.Session.Cluster, names.Snapshot, item))),
        Of("pg_relation_size", PgTypes.Int8, [PgTypes.RegClass, PgTypes.Text], (arguments, context) => arguments[1].AsString == "main"
            ? OfRelation(arguments[0].AsOid, context, (names, item) => RelationSizes.Own(context.Session.Cluster, names.Snapshot, item))
            : Datum.Of(0L)),
        Of("pg_table_size", PgTypes.Int8, [PgTypes.RegClass], (arguments, context) => OfRelation(arguments[0].AsOid, context, (names, item) => RelationSizes.Own(context.Session.Cluster, names.Snapshot, item))),
        Of("pg_indexes_size", PgTypes.Int8, [PgTypes.RegClass], (arguments, context) => OfRelation(arguments[0].AsOid, context, (names, item) => RelationSizes.Indexes(context.Session.Cluster, names.Snapshot, item))),
        Of("pg_total_relation_size", PgTypes.Int8, [PgTypes.RegClass], (arguments, context) => OfRelation(arguments[0].AsOid, context, (names, item)
            => RelationSizes.Own(context.Session.Cluster, names.Snapshot, item) + RelationSizes.Indexes(context.Session.Cluster, names.Snapshot, item))),
        Of("pg_database_size", PgTypes.Int8, [PgTypes.Name], (arguments, context) => OfDatabase(context.Session.NewNames().Snapshot.Shared.FindDatabase(arguments[0].AsString)?.Oid
            ?? throw CatalogErrors.UndefinedDatabase(arguments[0].AsString), context)),
        Of("pg_database_size", PgTypes.Int8, [PgTypes.Oid], (arguments, context) => OfDatabase(arguments[0].AsOid, context)),
        Of("pg_tablespace_size", PgTypes.Int8, [PgTypes.Oid], (_, context) => Tablespace(context)),
        Of("pg_tablespace_size", PgTypes.Int8, [PgTypes.Name], (_, context) => Tablespace(context)),
        Lookup("pg_relation_filenode", PgTypes.Oid, [PgTypes.RegClass], (arguments, names) => names.Snapshot.Find(arguments[0].AsOid) is Relation { StorageId: not 0 } relation ? Oid(relation.StorageId) : Datum.Null),
        Define.Function("pg_size_pretty", PgTypes.Text, PgTypes.Int8, size => Text(Pretty(size.AsInt64))),
        Define.Function("pg_size_pretty", PgTypes.Text, PgTypes.Numeric, size => Text(Pretty(long.Parse(PgTypes.Numeric.Codec.ToText(size, TypeSettings.Default).Split('.')[0])))),
        Define.Function("pg_size_bytes", PgTypes.Int8, PgTypes.Text, text => Datum.Of(Bytes(text.AsString))),
    ]);

    static readonly (string Name, long Size)[] Units = [("bytes", 1), ("B", 1), ("kB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("TB", 1L << 40), ("PB", 1L << 50)];

    /// <summary>A number with a unit, any case: <c>1.5 GB</c>. Raises 22023.</summary>
    static long Bytes(string text)
    {
        var trimmed = text.Trim();
        var digits = trimmed.TakeWhile(character => char.IsAsciiDigit(character) || character is '+' or '-' or '.' or 'e' or 'E').Count();
        if (!decimal.TryParse(trimmed[..digits], System.Globalization.NumberStyles.Float, null, out var number))
            throw new PgError(SqlState.InvalidParameterValue, $"invalid size: \"{text}\"");
        var unit = trimmed[digits..].Trim();
        var size = unit.Length == 0 ? 1 : Units.FirstOrDefault(known => known.Name.Equals(unit, StringComparison.OrdinalIgnoreCase)).Size;
        return size != 0 ? (long)(number * size) : throw new PgError(SqlState.InvalidParameterValue, $"invalid size: \"{text}\"")
        {
            Detail = $"Invalid size unit: \"{unit}\".",
            Hint = "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".",
        };
    }

    static Datum OfRelation(uint oid, EvaluationContext context, Func<NameResolver, SchemaObject, long> size)
    {
        var names = context.Session.NewNames();
        return names.Snapshot.Find(oid) is SchemaObject item ? Datum.Of(size(names, item)) : SystemTables.Find(oid) is not null ? Datum.Of(0L) : Datum.Null;
    }

    static Datum OfDatabase(uint oid, EvaluationContext context)
    {
        var catalog = context.Session.Cluster.Catalog;
        return catalog.Shared.FindDatabase(oid) is null ? Datum.Null : Datum.Of(DatabaseSize(context.Session.Cluster, oid));
    }

    static Datum Tablespace(EvaluationContext context)
        => Datum.Of(context.Session.Cluster.Catalog.Shared.Databases.Sum(database => DatabaseSize(context.Session.Cluster, database.Oid)));

    static long DatabaseSize(Cluster cluster, uint oid)
    {
        var snapshot = cluster.Catalog.Current(oid);
        // The catalog's own records, roughly, then the tables.
        const long perObject = 512;
        return snapshot.All<CatalogObject>().Count() * perObject
            + snapshot.All<Relation>().Sum(relation => RelationSizes.Own(cluster, snapshot, relation) + RelationSizes.Indexes(cluster, snapshot, relation));
    }

    /// <summary>As PostgreSQL: a unit is used from 10 of it on, and halves are rounded up.</summary>
    static string Pretty(long size)
    {
        ReadOnlySpan<string> units = ["kB", "MB", "GB", "TB", "PB"];
        const long limit = 10 * 1024;
        if (Math.Abs(size) < limit)
            return $"{size} bytes";
        // One bit more than the unit, for rounding.
        size >>= 9;
        foreach (var unit in units)
        {
            if (Math.Abs(size) < limit * 2 - 1 || unit == "PB")
                return $"{HalfRounded(size)} {unit}";
            size >>= 10;
        }
        throw new System.Diagnostics.UnreachableException();
    }

    static long HalfRounded(long doubled) => (doubled + (doubled < 0 ? 0 : 1)) / 2;
}

/// <summary>Bytes that relations take.</summary>
static class RelationSizes
{
    /// <summary>A table's rows and vectors on disk, a vector index on disk, or a B-tree in memory.</summary>
    public static long Own(Cluster cluster, CatalogSnapshot snapshot, SchemaObject item)
    {
        switch (item)
        {
            case Relation { HasRows: true } relation:
                try
                {
                    var table = cluster.Store.GetTable(relation.StorageId);
                    return table.RowFileBytes + table.VectorFileBytes;
                }
                catch (KeyNotFoundException)
                {
                    // Another transaction has made the table and not committed yet, or has dropped it.
                    return 0;
                }
            case IndexDefinition index when snapshot.Find<Relation>(index.Table) is { } relation:
                return cluster.Tables.IndexSize(index.Oid, relation.StorageId)?.Bytes ?? 0;
            default:
                return 0;
        }
    }

    /// <summary>Entries of an index.</summary>
    public static long Entries(Cluster cluster, CatalogSnapshot snapshot, IndexDefinition index)
        => snapshot.Find<Relation>(index.Table) is { } relation ? cluster.Tables.IndexSize(index.Oid, relation.StorageId)?.Entries ?? 0 : 0;

    /// <summary>All indexes of a table.</summary>
    public static long Indexes(Cluster cluster, CatalogSnapshot snapshot, SchemaObject item)
        => item is Relation ? snapshot.IndexesOf(item.Oid).Sum(index => Own(cluster, snapshot, index)) : 0;

    /// <summary>About how many rows a table has.</summary>
    public static long Rows(Cluster cluster, Relation relation)
    {
        if (!relation.HasRows)
            return 0;
        try
        {
            return cluster.Store.GetTable(relation.StorageId).RowCountEstimate;
        }
        catch (KeyNotFoundException)
        {
            return 0;
        }
    }
}
