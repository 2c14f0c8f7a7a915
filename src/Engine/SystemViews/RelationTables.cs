using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>pg_class and what hangs on it: columns, defaults, indexes, sequences, rules.</summary>
static class RelationTables
{
    const uint Heap = 2;

    public static readonly SystemTable[] All =
    [
        Live(WellKnownOids.PgClass, "pg_class",
            "oid oid, relname name, relnamespace oid, reltype oid, reloftype oid, relowner oid, relam oid, relfilenode oid, reltablespace oid, relpages int4, " +
            "reltuples float4, relallvisible int4, reltoastrelid oid, relhasindex bool, relisshared bool, relpersistence char, relkind char, relnatts int2, " +
            "relchecks int2, relhasrules bool, relhastriggers bool, relhassubclass bool, relrowsecurity bool, relforcerowsecurity bool, relispopulated bool, " +
            "relreplident char, relispartition bool, relrewrite oid, relfrozenxid xid, relminmxid xid, relacl _text, reloptions _text, relpartbound pg_node_tree",
            Classes) with { IsView = false },
        Table(WellKnownOids.PgAttribute, "pg_attribute",
            "attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, attndims int4, attcacheoff int4, atttypmod int4, attbyval bool, " +
            "attalign char, attstorage char, attcompression char, attnotnull bool, atthasdef bool, atthasmissing bool, attidentity char, attgenerated char, " +
            "attisdropped bool, attislocal bool, attinhcount int4, attcollation oid, attacl _text, attoptions _text, attfdwoptions _text, attmissingval _text",
            Attributes),
        Table(2604, "pg_attrdef", "oid oid, adrelid oid, adnum int2, adbin pg_node_tree", names => names.Snapshot.All<Relation>().SelectMany(relation => relation.LiveColumns
            .Where(column => column.Default is not null)
            .Select(column => new[] { Oid(DefaultOid(relation, column)), Oid(relation.Oid), Int(column.Number), Text(column.Default) }))),
        Table(2610, "pg_index",
            "indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, indnullsnotdistinct bool, indisprimary bool, indisexclusion bool, " +
            "indimmediate bool, indisclustered bool, indisvalid bool, indcheckxmin bool, indisready bool, indislive bool, indisreplident bool, indkey int2vector, " +
            "indcollation oidvector, indclass oidvector, indoption int2vector, indexprs pg_node_tree, indpred pg_node_tree",
            Indexes),
        Table(2224, "pg_sequence",
            "seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, seqcache int8, seqcycle bool",
            names => names.Snapshot.All<SequenceDefinition>().Select(sequence => new[]
            {
                Oid(sequence.Oid), Oid(sequence.Type.Oid), Int(sequence.Start), Int(sequence.Increment), Int(sequence.Maximum), Int(sequence.Minimum), Int(sequence.Cache), Bool(sequence.Cycles),
            })),
        // A view's rule goes by the view's own OID.
        Table(2618, "pg_rewrite",
            "oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead bool, ev_qual pg_node_tree, ev_action pg_node_tree",
            names => names.Snapshot.All<Relation>().Where(relation => relation.ViewDefinition is not null)
                .Select(view => new[] { Oid(view.Oid), Text("_RETURN"), Oid(view.Oid), Char('1'), Char('O'), Bool(true), Text("<>"), Text(view.ViewDefinition) })),
        Empty(2611, "pg_inherits", "inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool"),
        Empty(3350, "pg_partitioned_table",
            "partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2vector, partclass oidvector, partcollation oidvector, partexprs pg_node_tree"),
    ];

    /// <summary>pg_attrdef.oid: made from the column's place, since a default is no object of its own here. Above all OIDs that are handed out.</summary>
    public static uint DefaultOid(Relation relation, Column column) => 0x8000_0000u | (unchecked((relation.Oid * 1601) + (uint)column.Number) & 0x7FFF_FFFFu);

    static IEnumerable<Datum[]> Classes(EvaluationContext context)
    {
        var names = context.Session.NewNames();
        var cluster = context.Session.Cluster;
        foreach (var relation in names.Snapshot.All<Relation>())
        {
            var rows = RelationSizes.Rows(cluster, relation);
            var bytes = RelationSizes.Own(cluster, names.Snapshot, relation);
            yield return Class(names, relation, (char)relation.Kind, relation.RowTypeOid, relation.HasRows ? Heap : 0, relation.StorageId, bytes, relation.HasRows ? rows : 0,
                relation.Columns.Length, relation.Persistence, hasIndex: names.Snapshot.IndexesOf(relation.Oid).Any(),
                checks: relation.Constraints.Count(constraint => constraint.Kind == ConstraintKind.Check),
                hasTriggers: relation.Constraints.Any(constraint => constraint.Kind == ConstraintKind.ForeignKey) || names.Snapshot.ForeignKeysTo(relation.Oid).Any(),
                hasRules: relation.ViewDefinition is not null, relation.IsPopulated, relation.ReplicaIdentity, relation.Options);
        }
        foreach (var index in names.Snapshot.All<IndexDefinition>())
            yield return Class(names, index, 'i', 0, AccessMethods.Oid(index.Method), index.Oid, RelationSizes.Own(cluster, names.Snapshot, index), RelationSizes.Entries(cluster, names.Snapshot, index),
                index.Keys.Length + index.Included.Length, names.Snapshot.Find<Relation>(index.Table)?.Persistence ?? Persistence.Permanent, replicaIdentity: 'n', options: index.Options);
        foreach (var sequence in names.Snapshot.All<SequenceDefinition>())
            yield return Class(names, sequence, 'S', 0, 0, sequence.StateId, 0, 1, 3, sequence.Persistence, replicaIdentity: 'n');
        foreach (var table in SystemTables.All)
            yield return System(table);
    }

    static Datum[] Class(
        NameResolver names, SchemaObject item, char kind, uint rowType, uint accessMethod, uint file, long bytes, double rows, int columns, Persistence persistence,
        bool hasIndex = false, int checks = 0, bool hasTriggers = false, bool hasRules = false, bool isPopulated = true, char replicaIdentity = 'n',
        IReadOnlyDictionary<string, string>? options = null) =>
    [
        Oid(item.Oid), Text(item.Name), Oid(item.Schema), Oid(rowType), Oid(0), Oid(item.Owner), Oid(accessMethod), Oid(kind is 'v' or 'c' ? 0 : file), Oid(0),
        Int((bytes + 8191) / 8192), Real(rows), Int(0), Oid(0), Bool(hasIndex), Bool(false), Char((char)persistence), Char(kind), Int(columns), Int(checks), Bool(hasRules), Bool(hasTriggers),
        Bool(false), Bool(false), Bool(false), Bool(isPopulated), Char(kind is 'v' or 'c' ? 'n' : replicaIdentity), Bool(false), Oid(0), Int(kind is 'r' or 'm' ? 3 : 0), Int(kind is 'r' or 'm' ? 1 : 0),
        Acl(item, names), Options(options ?? new Dictionary<string, string>()), Null,
    ];

    static Datum[] System(SystemTable table) =>
    [
        Oid(table.Oid), Text(table.Name), Oid(table.Schema), Oid(0), Oid(0), Oid(WellKnownOids.BootstrapSuperuser), Oid(table.IsView ? 0 : Heap), Oid(0), Oid(0),
        Int(0), Real(-1), Int(0), Oid(0), Bool(false), Bool(false), Char('p'), Char(table.IsView ? 'v' : 'r'), Int(table.Columns.Count), Int(0), Bool(table.IsView), Bool(false),
        Bool(false), Bool(false), Bool(false), Bool(true), Char('n'), Bool(false), Oid(0), Int(0), Int(0),
        AclOf(table), Null, Null,
    ];

    /// <summary>Everybody may read the system tables but the ones with passwords.</summary>
    public static Datum AclOf(SystemTable table)
        => Texts(table.Name is "pg_authid" or "pg_shadow" ? ["postgres=arwdDxt/postgres"] : ["postgres=arwdDxt/postgres", "=r/postgres"]);

    static IEnumerable<Datum[]> Attributes(NameResolver names)
    {
        foreach (var relation in names.Snapshot.All<Relation>())
        {
            foreach (var column in relation.Columns)
                yield return column.IsDropped ? Dropped(relation, column) : Attribute(relation.Oid, column.Number, column.Name, column.Type, column.Typmod, column);
            if (relation.HasRows)
                foreach (var (number, name, type) in SystemColumnList)
                    yield return Attribute(relation.Oid, number, name, type, -1, null, notNull: true);
        }
        foreach (var index in names.Snapshot.All<IndexDefinition>())
            foreach (var row in IndexAttributes(names, index))
                yield return row;
        foreach (var sequence in names.Snapshot.All<SequenceDefinition>())
        {
            yield return Attribute(sequence.Oid, 1, "last_value", PgTypes.Int8, -1, null, notNull: true);
            yield return Attribute(sequence.Oid, 2, "log_cnt", PgTypes.Int8, -1, null, notNull: true);
            yield return Attribute(sequence.Oid, 3, "is_called", PgTypes.Bool, -1, null, notNull: true);
        }
        foreach (var table in SystemTables.All)
            for (short i = 0; i < table.Columns.Count; i++)
                yield return Attribute(table.Oid, (short)(i + 1), table.Columns[i].Name, table.Columns[i].Type, -1, null, notNull: !table.IsView && i == 0);
    }

    static readonly (short Number, string Name, PgType Type)[] SystemColumnList =
        [(-1, "ctid", PgTypes.Tid), (-2, "xmin", PgTypes.Xid), (-3, "cmin", PgTypes.Cid), (-4, "xmax", PgTypes.Xid), (-5, "cmax", PgTypes.Cid), (-6, "tableoid", PgTypes.Oid)];

    /// <summary>Names of an index's own columns, keys first.</summary>
    public static List<string> IndexColumnNames(Relation table, IndexDefinition index)
    {
        var used = new List<string>();
        foreach (var key in index.Keys)
            used.Add(CreateIndex.Distinct(key.Column == 0 ? CreateIndex.ExpressionName(key.Expression!) : table.Column(key.Column).Name, used));
        foreach (var column in index.Included)
            used.Add(CreateIndex.Distinct(table.Column(column).Name, used));
        return used;
    }

    static IEnumerable<Datum[]> IndexAttributes(NameResolver names, IndexDefinition index)
    {
        var table = names.Snapshot.Get<Relation>(index.Table);
        short number = 0;
        foreach (var (column, name) in index.Keys.Select(key => key.Column).Concat(index.Included).Zip(IndexColumnNames(table, index)))
        {
            number++;
            var source = column == 0 ? null : table.Column(column);
            yield return Attribute(index.Oid, number, name, source?.Type ?? PgTypes.Text, source?.Typmod ?? -1, null);
        }
    }

    static Datum[] Attribute(uint relation, short number, string name, PgType type, int typmod, Column? column, bool notNull = false) =>
    [
        Oid(relation), Text(name), Oid(type.Oid), Int(column?.StatisticsTarget ?? (number < 0 ? 0 : -1)), Int(type.Length), Int(number), Int(column?.Dimensions ?? (type.IsArray ? 1 : 0)), Int(-1), Int(typmod),
        Bool(TypeTables.IsByValue(type)), Char(type.Alignment), Char(column?.Storage ?? type.Storage), Char(column?.Compression ?? '\0'), Bool(column?.NotNull ?? notNull),
        Bool(column?.Default is not null), Bool(column?.MissingValue is not null), Char((char)(column?.Identity ?? Identity.None)), Char(column is { IsGenerated: true } ? 's' : '\0'),
        Bool(false), Bool(true), Int(0), Oid(type.IsCollatable ? Collations.Oid(column?.Collation ?? (type == PgTypes.Name ? "C" : null)) : 0), Null, Null, Null,
        column?.MissingValue is { } missing ? Texts([missing]) : Null,
    ];

    static Datum[] Dropped(Relation relation, Column column) =>
    [
        Oid(relation.Oid), Text(column.Name), Oid(0), Int(0), Int(column.Type.Length), Int(column.Number), Int(0), Int(-1), Int(column.Typmod),
        Bool(TypeTables.IsByValue(column.Type)), Char(column.Type.Alignment), Char(column.Type.Storage), Char('\0'), Bool(false), Bool(false), Bool(false), Char('\0'), Char('\0'),
        Bool(true), Bool(true), Int(0), Oid(0), Null, Null, Null, Null,
    ];

    static IEnumerable<Datum[]> Indexes(NameResolver names)
    {
        foreach (var index in names.Snapshot.All<IndexDefinition>())
        {
            var table = names.Snapshot.Get<Relation>(index.Table);
            var constraint = table.Constraints.FirstOrDefault(other => other.Oid == index.ConstraintOid);
            var expressions = index.Keys.Where(key => key.Expression is not null).Select(key => key.Expression!).ToList();
            yield return
            [
                Oid(index.Oid), Oid(index.Table), Int(index.Keys.Length + index.Included.Length), Int(index.Keys.Length), Bool(index.IsUnique), Bool(index.NullsNotDistinct), Bool(index.IsPrimary), Bool(false),
                Bool(constraint is not { IsDeferrable: true }), Bool(false), Bool(index.IsValid), Bool(false), Bool(true), Bool(true), Bool(false),
                Int2Vector(index.Keys.Select(key => key.Column).Concat(index.Included)),
                OidVector(index.Keys.Select(key => CollationOf(table, key))),
                OidVector(index.Keys.Select(key => AccessMethods.ClassOf(index, key, table)?.Oid ?? 0)),
                Int2Vector(index.Keys.Select(key => (short)((key.Descending ? 1 : 0) | (key.NullsFirst ? 2 : 0)))),
                expressions.Count == 0 ? Null : Text(string.Join(", ", expressions)), Text(index.Predicate),
            ];
        }
    }

    static uint CollationOf(Relation table, IndexKey key)
        => key.Column != 0 && table.Column(key.Column) is var column && column.Type.IsCollatable ? Collations.Oid(key.Collation ?? column.Collation) : 0;
}
