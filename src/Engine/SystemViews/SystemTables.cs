using System.Collections.Frozen;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>All tables of pg_catalog and information_schema, by name and OID.</summary>
public static class SystemTables
{
    public static readonly IReadOnlyList<SystemTable> All =
    [
        .. RelationTables.All, .. TypeTables.All, .. FunctionTables.All, .. AccessMethods.All, .. ObjectTables.All, .. SharedTables.All,
        .. ConvenienceViews.All, .. ActivityViews.All, .. StorageViews.All, .. StatisticsTables.All, .. CounterViews.All, .. EmptyTables.All, .. InformationSchema.All, .. InformationSchemaConstraints.All, .. InformationSchemaUsage.All,
    ];

    static readonly FrozenDictionary<(uint Schema, string Name), SystemTable> ByName = All.ToFrozenDictionary(table => (table.Schema, table.Name));
    static readonly FrozenDictionary<uint, SystemTable> ByOid = All.ToFrozenDictionary(table => table.Oid);

    public static SystemTable? Find(uint schema, string name) => ByName.GetValueOrDefault((schema, name));
    public static SystemTable? Find(uint oid) => ByOid.GetValueOrDefault(oid);
}
