using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>Schemas, constraints, extensions, comments, dependencies.</summary>
static class ObjectTables
{
    public static readonly SystemTable[] All =
    [
        Table(WellKnownOids.PgNamespace, "pg_namespace", "oid oid, nspname name, nspowner oid, nspacl _text",
            names => names.Snapshot.All<SchemaDefinition>().Select(schema => new[] { Oid(schema.Oid), Text(schema.Name), Oid(schema.Owner), Acl(schema, names) })),
        Table(WellKnownOids.PgConstraint, "pg_constraint",
            "oid oid, conname name, connamespace oid, contype char, condeferrable bool, condeferred bool, convalidated bool, conrelid oid, contypid oid, conindid oid, conparentid oid, " +
            "confrelid oid, confupdtype char, confdeltype char, confmatchtype char, conislocal bool, coninhcount int4, connoinherit bool, conkey _int2, confkey _int2, conpfeqop _oid, " +
            "conppeqop _oid, conffeqop _oid, confdelsetcols _int2, conexclop _oid, conbin pg_node_tree",
            names => names.Snapshot.All<Relation>().SelectMany(relation => relation.Constraints.Select(constraint => Constraint(relation.Schema, relation.Oid, 0, constraint)))
                .Concat(names.Snapshot.All<TypeDefinition>().SelectMany(type => type.Checks.Select(check => Constraint(type.Schema, 0, type.Oid, check))))),
        Table(WellKnownOids.PgExtension, "pg_extension",
            "oid oid, extname name, extowner oid, extnamespace oid, extrelocatable bool, extversion text, extconfig _oid, extcondition _text",
            names => names.Snapshot.All<ExtensionDefinition>().Select(extension => new[]
            {
                Oid(extension.Oid), Text(extension.Name), Oid(extension.Owner), Oid(extension.Schema), Bool(extension.Name != "plpgsql"), Text(extension.Version), Null, Null,
            })),
        View(12_081, "pg_available_extensions", "name name, default_version text, installed_version text, comment text",
            names => KnownExtensions.All.Select(extension => new[]
            {
                Text(extension.Name), Text(extension.DefaultVersion), Text(names.Snapshot.FindExtension(extension.Name)?.Version), Text(extension.Comment),
            })),
        View(12_085, "pg_available_extension_versions",
            "name name, version text, installed bool, superuser bool, trusted bool, relocatable bool, schema name, requires _name, comment text",
            names => KnownExtensions.All.SelectMany(extension => extension.Versions.Select(version => new[]
            {
                Text(extension.Name), Text(version), Bool(names.Snapshot.FindExtension(extension.Name)?.Version == version), Bool(true), Bool(true), Bool(true), Null, Null, Text(extension.Comment),
            }))),
        Table(2609, "pg_description", "objoid oid, classoid oid, objsubid int4, description text",
            names => Comments.All(names.Snapshot).Select(comment => new[] { Oid(comment.Object), Oid(comment.Class), Int(comment.Column), Text(comment.Text) })),
        // What the cluster began with; pg_dump leaves it out.
        Table(3394, "pg_init_privs", "objoid oid, classoid oid, objsubid int4, privtype char, initprivs _text",
            names => SystemTables.All.Select(table => new[] { Oid(table.Oid), Oid(WellKnownOids.PgClass), Int(0), Char('i'), RelationTables.AclOf(table) })
                .Concat(Bootstrap.StandardSchemas.Where(schema => schema.Acl is not null).Select(schema => new[] { Oid(schema.Oid), Oid(WellKnownOids.PgNamespace), Int(0), Char('i'), Acl(schema, names) }))),
        Table(2608, "pg_depend", "classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, deptype char", Depend),
    ];

    static Datum[] Constraint(uint schema, uint relation, uint type, Constraint constraint)
    {
        var isKey = constraint.Kind == ConstraintKind.ForeignKey;
        return
        [
            Oid(constraint.Oid), Text(constraint.Name), Oid(schema), Char((char)constraint.Kind), Bool(constraint.IsDeferrable), Bool(constraint.InitiallyDeferred), Bool(constraint.IsValidated),
            Oid(relation), Oid(type), Oid(constraint.IndexOid), Oid(0), Oid(constraint.ReferencedTable), Char(isKey ? (char)constraint.OnUpdate : ' '), Char(isKey ? (char)constraint.OnDelete : ' '),
            Char(isKey ? constraint.MatchFull ? 'f' : 's' : ' '), Bool(true), Int(0), Bool(constraint.NoInherit || constraint.Kind != ConstraintKind.Check),
            constraint.Columns.IsEmpty ? Null : Int2s(constraint.Columns), constraint.ReferencedColumns.IsEmpty ? Null : Int2s(constraint.ReferencedColumns), Null, Null, Null,
            constraint.SetColumns.IsEmpty ? Null : Int2s(constraint.SetColumns), Null, Text(constraint.Expression),
        ];
    }

    static IEnumerable<Datum[]> Depend(NameResolver names)
    {
        var snapshot = names.Snapshot;
        foreach (var dependency in Dependencies.All(snapshot))
        {
            var (classOid, address) = Dependent(dependency.Dependent);
            yield return
            [
                Oid(classOid), Oid(address.Oid), Int(address.Column), Oid(ClassOf(snapshot, dependency.On.Oid)), Oid(dependency.On.Oid), Int(dependency.On.Column), Char((char)dependency.Kind),
            ];
        }
        // What an extension brings, for \dx+.
        foreach (var extension in snapshot.All<ExtensionDefinition>())
        {
            foreach (var function in BuiltinFunctions.Functions.Where(function => function.Extension == extension.Name))
                yield return [Oid(WellKnownOids.PgProc), Oid(function.Oid), Int(0), Oid(WellKnownOids.PgExtension), Oid(extension.Oid), Int(0), Char('e')];
            foreach (var op in BuiltinFunctions.Operators.Where(op => op.Extension == extension.Name))
                yield return [Oid(PgOperator), Oid(op.Oid), Int(0), Oid(WellKnownOids.PgExtension), Oid(extension.Oid), Int(0), Char('e')];
            foreach (var cast in FunctionTables.Casts.Where(cast => cast.Cast.Extension == extension.Name))
                yield return [Oid(PgCast), Oid(cast.Oid), Int(0), Oid(WellKnownOids.PgExtension), Oid(extension.Oid), Int(0), Char('e')];
            foreach (var (catalog, member) in AccessMethods.MembersOf(extension.Name))
                yield return [Oid(catalog), Oid(member), Int(0), Oid(WellKnownOids.PgExtension), Oid(extension.Oid), Int(0), Char('e')];
        }
    }

    const uint PgCast = 2605;
    const uint PgOperator = 2617;
    const uint PgAttrdef = 2604;

    static (uint Class, ObjectAddress Address) Dependent(DropTarget target) => target switch
    {
        WholeObject whole => (Comments.ClassOf(whole.Object), whole.Address),
        TableColumn column => (WellKnownOids.PgClass, column.Address),
        TypeOf type => (WellKnownOids.PgType, type.Address),
        ColumnDefault value => (PgAttrdef, new ObjectAddress(RelationTables.DefaultOid(value.Relation, value.Relation.Column(value.Number)))),
        _ => (WellKnownOids.PgConstraint, target.Address),
    };

    static uint ClassOf(CatalogSnapshot snapshot, uint oid)
        => snapshot.Find(oid) is { } item ? Comments.ClassOf(item) : snapshot.FindType(oid) is not null ? WellKnownOids.PgType : WellKnownOids.PgConstraint;
}
