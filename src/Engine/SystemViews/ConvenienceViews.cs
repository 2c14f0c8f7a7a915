using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>pg_tables, pg_views, pg_indexes, pg_matviews, pg_sequences: one readable row for each relation.</summary>
static class ConvenienceViews
{
    public static readonly SystemTable[] All =
    [
        View(12_033, "pg_tables",
            "schemaname name, tablename name, tableowner name, tablespace name, hasindexes bool, hasrules bool, hastriggers bool, rowsecurity bool",
            names => Relations(names, RelationKind.Table).Select(table => new[]
            {
                Schema(names, table), Text(table.Name), Owner(names, table), Null, Bool(names.Snapshot.IndexesOf(table.Oid).Any()), Bool(false),
                Bool(table.Constraints.Any(constraint => constraint.Kind == ConstraintKind.ForeignKey) || names.Snapshot.ForeignKeysTo(table.Oid).Any()), Bool(false),
            }).Concat(SystemTables.All.Where(table => !table.IsView).Select(table => new[]
            {
                Text(names.SchemaName(table.Schema)), Text(table.Name), Superuser(names), Null, Bool(true), Bool(false), Bool(false), Bool(false),
            }))),
        View(12_028, "pg_views", "schemaname name, viewname name, viewowner name, definition text",
            names => Relations(names, RelationKind.View).Select(view => new[] { Schema(names, view), Text(view.Name), Owner(names, view), Text(Deparser.View(view, names)) })
                .Concat(SystemTables.All.Where(table => table.IsView).Select(table => new[] { Text(names.SchemaName(table.Schema)), Text(table.Name), Superuser(names), Null }))),
        View(12_038, "pg_matviews",
            "schemaname name, matviewname name, matviewowner name, tablespace name, hasindexes bool, ispopulated bool, definition text",
            names => Relations(names, RelationKind.MaterializedView).Select(view => new[]
            {
                Schema(names, view), Text(view.Name), Owner(names, view), Null, Bool(names.Snapshot.IndexesOf(view.Oid).Any()), Bool(view.IsPopulated), Text(Deparser.View(view, names)),
            })),
        View(12_043, "pg_indexes", "schemaname name, tablename name, indexname name, tablespace name, indexdef text",
            names => names.Snapshot.All<IndexDefinition>().Select(index => new[]
            {
                Schema(names, index), Text(names.Snapshot.Get<Relation>(index.Table).Name), Text(index.Name), Null, Text(Deparser.Index(index, names, pretty: false)),
            })),
        Live(12_048, "pg_sequences",
            "schemaname name, sequencename name, sequenceowner name, data_type regtype, start_value int8, min_value int8, max_value int8, increment_by int8, cycle bool, cache_size int8, last_value int8",
            context =>
            {
                var names = context.Session.NewNames();
                return names.Snapshot.All<SequenceDefinition>().Select(sequence => new[]
                {
                    Schema(names, sequence), Text(sequence.Name), Owner(names, sequence), Oid(sequence.Type.Oid), Int(sequence.Start), Int(sequence.Minimum), Int(sequence.Maximum), Int(sequence.Increment),
                    Bool(sequence.Cycles), Int(sequence.Cache), context.Session.Sequences.Read(sequence) is { IsCalled: true } state ? Int(state.Last) : Null,
                });
            }),
    ];

    static IEnumerable<Relation> Relations(NameResolver names, RelationKind kind) => names.Snapshot.All<Relation>().Where(relation => relation.Kind == kind);

    static Datum Schema(NameResolver names, SchemaObject item) => Text(names.SchemaName(item.Schema));
    static Datum Owner(NameResolver names, CatalogObject item) => Text(names.Snapshot.Shared.RoleName(item.Owner));
    static Datum Superuser(NameResolver names) => Text(names.Snapshot.Shared.RoleName(WellKnownOids.BootstrapSuperuser));
}
