using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>Access methods and their operator classes: pg_am, pg_opclass, pg_opfamily, pg_amop, pg_amproc.</summary>
static class AccessMethods
{
    public const string BtreeName = "btree";

    const uint FloatFamily = 1970;

    static readonly (uint Oid, string Name, string Handler, char Type, string? Extension)[] Methods =
    [
        (2, "heap", "heap_tableam_handler", 't', null), (403, BtreeName, "bthandler", 'i', null),
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
                SystemRows.Oid(operatorClass.Oid), SystemRows.Oid(Oid(operatorClass.Method)), Text(operatorClass.Name), SystemRows.Oid(SchemaOf(operatorClass, names)), SystemRows.Oid(WellKnownOids.BootstrapSuperuser),
                SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(operatorClass.Type.Oid), Bool(operatorClass.IsDefault), SystemRows.Oid(0),
            })),
        Table(2753, "pg_opfamily", "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid",
            names => Classes(names).DistinctBy(operatorClass => operatorClass.FamilyOid).Select(operatorClass => new[]
            {
                SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(Oid(operatorClass.Method)), Text(operatorClass.Family), SystemRows.Oid(SchemaOf(operatorClass, names)), SystemRows.Oid(WellKnownOids.BootstrapSuperuser),
            })),
        Table(2602, "pg_amop",
            "oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, amoppurpose char, amopopr oid, amopmethod oid, amopsortfamily oid",
            names => Orders(names).Concat(Distances(names))),
        Table(2603, "pg_amproc", "oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, amproc regproc", Support),
    ];

    // ~<~ and kin belong to the pattern classes; here their order is the same.
    static OperatorClass? ClassOf(Operator op)
        => op.Name.StartsWith('~') ? OperatorClasses.Find(BtreeName, op.Left == PgTypes.Bpchar ? "bpchar_pattern_ops" : "text_pattern_ops") : OperatorClasses.DefaultFor(BtreeName, op.Left!);

    static IEnumerable<Datum[]> Orders(NameResolver names)
        => BuiltinFunctions.Operators.Where(op => op.Strategy != 0 && op.Left is not null && names.Snapshot.SchemaOf(op.Function) != 0)
            .Select(op => (Operator: op, Class: ClassOf(op))).Where(pair => pair.Class is not null)
            .Select(pair => new[]
            {
                SystemRows.Oid(pair.Operator.Oid), SystemRows.Oid(pair.Class!.FamilyOid), SystemRows.Oid(pair.Operator.Left!.Oid), SystemRows.Oid(pair.Operator.Right.Oid), Int(pair.Operator.Strategy),
                Char('s'), SystemRows.Oid(pair.Operator.Oid), SystemRows.Oid(Oid(BtreeName)), SystemRows.Oid(0),
            });

    // A family of a vector class has one operator, so that the family's OID will do for the entry's.
    static IEnumerable<Datum[]> Distances(NameResolver names)
        => Classes(names).Where(operatorClass => operatorClass.Distance is not null).Select(operatorClass => new[]
        {
            SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(operatorClass.Type.Oid), SystemRows.Oid(operatorClass.Type.Oid), Int(1), Char('o'),
            SystemRows.Oid(DistanceOperator(operatorClass).Oid), SystemRows.Oid(Oid(operatorClass.Method)), SystemRows.Oid(FloatFamily),
        });

    static Operator DistanceOperator(OperatorClass operatorClass)
        => BuiltinFunctions.OperatorsByName[operatorClass.Distance!].First(op => op.Left == operatorClass.Type && op.Right == operatorClass.Type);

    const uint FirstSupport = 18_000;

    static IEnumerable<Datum[]> Support(NameResolver names)
    {
        var oid = FirstSupport;
        foreach (var operatorClass in Classes(names).Where(operatorClass => operatorClass.Distance is not null))
            foreach (var (number, name) in VectorClasses.SupportOf(operatorClass))
                if (BuiltinFunctions.FunctionsByName.GetValueOrDefault(name, []).FirstOrDefault(function => function.Arguments[0] == operatorClass.Type) is { } function)
                    yield return
                    [
                        SystemRows.Oid(oid++), SystemRows.Oid(operatorClass.FamilyOid), SystemRows.Oid(operatorClass.Type.Oid), SystemRows.Oid(operatorClass.Type.Oid), Int(number), SystemRows.Oid(function.Oid),
                    ];
    }

    /// <summary>The extension that an access method belongs to; null for core ones.</summary>
    public static string? ExtensionOf(string method) => KnownExtensions.OwnerOfMethod(method);

    /// <summary>pg_am.oid; 0 for a name that is none.</summary>
    public static uint Oid(string name) => Methods.FirstOrDefault(method => method.Name == name).Oid;

    /// <summary>The operator class that an index key uses; null when it cannot be told (expressions of a type other than text).</summary>
    public static OperatorClass? ClassOf(IndexDefinition index, IndexKey key, Relation table)
        => key.OperatorClass is { } name ? OperatorClasses.Find(index.Method, name)
            : key.Column != 0 ? OperatorClasses.DefaultFor(index.Method, table.Column(key.Column).Type)
            : OperatorClasses.All.FirstOrDefault(operatorClass => operatorClass.Method == index.Method && (operatorClass.Distance is not null ? operatorClass.IsDefault : operatorClass.Name == "text_ops"));

    /// <summary>The access methods, operator classes and families of an extension, with the OIDs of their catalogs.</summary>
    public static IEnumerable<(uint Catalog, uint Oid)> MembersOf(string extension)
    {
        const uint methodCatalog = 2601, classCatalog = 2616, familyCatalog = 2753;
        return Methods.Where(method => method.Extension == extension).Select(method => (methodCatalog, method.Oid))
            .Concat(OperatorClasses.All.Where(operatorClass => operatorClass.Extension == extension)
                .SelectMany(operatorClass => new[] { (classCatalog, operatorClass.Oid), (familyCatalog, operatorClass.FamilyOid) }));
    }

    /// <summary>A method, class or family as pg_describe_object names it; null for other OIDs.</summary>
    public static string? Describe(uint oid)
        => Methods.FirstOrDefault(method => method.Oid == oid).Name is { } method ? $"access method {method}"
            : OperatorClasses.All.FirstOrDefault(operatorClass => operatorClass.Oid == oid) is { } found ? $"operator class {found.Name} for access method {found.Method}"
            : OperatorClasses.All.FirstOrDefault(operatorClass => operatorClass.FamilyOid == oid) is { } family ? $"operator family {family.Family} for access method {family.Method}"
            : null;

    /// <summary>Whether the database has the extensions that a class needs: its type's and its method's.</summary>
    public static bool IsInstalled(OperatorClass operatorClass, CatalogSnapshot snapshot)
        => snapshot.HasExtension(operatorClass.Extension) && snapshot.HasExtension(ExtensionOf(operatorClass.Method)) && snapshot.HasExtension(KnownExtensions.OwnerOf(operatorClass.Type));

    static IEnumerable<OperatorClass> Classes(NameResolver names) => OperatorClasses.All.Where(operatorClass => IsInstalled(operatorClass, names.Snapshot));

    /// <summary>The schema of a class that is installed.</summary>
    public static uint SchemaOf(OperatorClass operatorClass, NameResolver names)
        => operatorClass.Extension is { } extension ? names.Snapshot.FindExtension(extension)!.Schema : WellKnownOids.PgCatalog;
}
