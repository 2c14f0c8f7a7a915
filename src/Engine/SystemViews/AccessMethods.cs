using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>Access methods and their operator classes: pg_am, pg_opclass, pg_opfamily, pg_amop, pg_amproc.</summary>
static class AccessMethods
{
    const uint Btree = 403;

    static readonly (uint Oid, string Name, string Handler, char Type, string? Extension)[] Methods =
    [
        (2, "heap", "heap_tableam_handler", 't', null), (Btree, "btree", "bthandler", 'i', null),
        (16_450, "ivfflat", "ivfflathandler", 'i', "vector"), (16_451, "hnsw", "hnswhandler", 'i', "vector"),
        (16_452, "ruhnsw", "hnswhandler", 'i', "ruvector"), (16_453, "ruivfflat", "ivfflathandler", 'i', "ruvector"),
    ];

    public static readonly SystemTable[] All =
    [
        Table(2601, "pg_am", "oid oid, amname name, amhandler regproc, amtype char",
            names => Methods.Where(method => names.Snapshot.HasExtension(method.Extension))
                .Select(method => new[] { SystemRows.Oid(method.Oid), Text(method.Name), SystemRows.Oid(FunctionOids.Find(method.Handler)), Char(method.Type) })),
        Table(2616, "pg_opclass",
            "oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, opcintype oid, opcdefault bool, opckeytype oid",
            names => Classes(names).Select(operatorClass => new[]
            {
                SystemRows.Oid(operatorClass.Oid), SystemRows.Oid(Btree), Text(operatorClass.Name), SystemRows.Oid(Schema(operatorClass, names)), SystemRows.Oid(WellKnownOids.BootstrapSuperuser),
                SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(operatorClass.Type.Oid), Bool(operatorClass.IsDefault), SystemRows.Oid(0),
            })),
        Table(2753, "pg_opfamily", "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid",
            names => Classes(names).DistinctBy(operatorClass => operatorClass.FamilyOid).Select(operatorClass => new[]
            {
                SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(Btree), Text(operatorClass.Family), SystemRows.Oid(Schema(operatorClass, names)), SystemRows.Oid(WellKnownOids.BootstrapSuperuser),
            })),
        Table(2602, "pg_amop",
            "oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, amoppurpose char, amopopr oid, amopmethod oid, amopsortfamily oid",
            names => Functions.BuiltinFunctions.Operators.Where(op => op.Strategy != 0 && op.Left is not null && names.Snapshot.SchemaOf(op.Function) != 0)
                .Select(op => (Operator: op, Class: BtreeClasses.DefaultFor(op.Left!))).Where(pair => pair.Class is not null)
                .Select(pair => new[]
                {
                    SystemRows.Oid(pair.Operator.Oid), SystemRows.Oid(pair.Class!.FamilyOid), SystemRows.Oid(pair.Operator.Left!.Oid), SystemRows.Oid(pair.Operator.Right.Oid), Int(pair.Operator.Strategy),
                    Char('s'), SystemRows.Oid(pair.Operator.Oid), SystemRows.Oid(Btree), SystemRows.Oid(0),
                })),
        Empty(2603, "pg_amproc", "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, amproc regproc"),
    ];

    /// <summary>pg_am.oid; 0 for a name that is none.</summary>
    public static uint Oid(string name) => Methods.FirstOrDefault(method => method.Name == name).Oid;

    /// <summary>The operator class that an index key uses.</summary>
    public static BtreeClass? ClassOf(IndexDefinition index, IndexKey key, Relation table)
        => index.Method != "btree" ? null
            : key.OperatorClass is { } name ? BtreeClasses.Find(name)
            : key.Column != 0 ? BtreeClasses.DefaultFor(table.Column(key.Column).Type)
            : BtreeClasses.Find("text_ops");

    /// <summary>The access methods, operator classes and families of an extension, with the OIDs of their catalogs.</summary>
    public static IEnumerable<(uint Catalog, uint Oid)> MembersOf(string extension)
    {
        const uint methodCatalog = 2601, classCatalog = 2616, familyCatalog = 2753;
        return Methods.Where(method => method.Extension == extension).Select(method => (methodCatalog, method.Oid))
            .Concat(BtreeClasses.All.Where(operatorClass => operatorClass.Extension == extension)
                .SelectMany(operatorClass => new[] { (classCatalog, operatorClass.Oid), (familyCatalog, operatorClass.FamilyOid) }));
    }

    /// <summary>A method, class or family as pg_describe_object names it; null for other OIDs.</summary>
    public static string? Describe(uint oid)
        => Methods.FirstOrDefault(method => method.Oid == oid).Name is { } method ? $"access method {method}"
            : BtreeClasses.All.FirstOrDefault(operatorClass => operatorClass.Oid == oid) is { } found ? $"operator class {found.Name} for access method btree"
            : BtreeClasses.All.FirstOrDefault(operatorClass => operatorClass.FamilyOid == oid) is { } family ? $"operator family {family.Family} for access method btree"
            : null;

    static IEnumerable<BtreeClass> Classes(NameResolver names) => BtreeClasses.All.Where(operatorClass => names.Snapshot.HasExtension(operatorClass.Extension));

    static uint Schema(BtreeClass operatorClass, NameResolver names)
        => operatorClass.Extension is { } extension ? names.Snapshot.FindExtension(extension)!.Schema : WellKnownOids.PgCatalog;
}
