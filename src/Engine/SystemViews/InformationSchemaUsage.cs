using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.InformationSchema;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>information_schema's views of what types are made of, and of what views and columns use. As the standard has it, most show a role only what it owns.</summary>
static class InformationSchemaUsage
{
    public static readonly SystemTable[] All =
    [
        Schema(13_130, "element_types",
            "object_catalog name, object_schema name, object_name name, object_type varchar, collection_type_identifier name, data_type varchar, character_maximum_length int4, " +
            "character_octet_length int4, character_set_catalog name, character_set_schema name, character_set_name name, collation_catalog name, collation_schema name, collation_name name, " +
            "numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, interval_type varchar, interval_precision int4, udt_catalog name, " +
            "udt_schema name, udt_name name, scope_catalog name, scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name",
            names => Arrays(names).Select(array => ElementType(names, array))),
        Schema(13_131, "attributes",
            "udt_catalog name, udt_schema name, udt_name name, attribute_name name, ordinal_position int4, attribute_default varchar, is_nullable varchar, data_type varchar, " +
            "character_maximum_length int4, character_octet_length int4, character_set_catalog name, character_set_schema name, character_set_name name, collation_catalog name, " +
            "collation_schema name, collation_name name, numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, interval_type varchar, " +
            "interval_precision int4, attribute_udt_catalog name, attribute_udt_schema name, attribute_udt_name name, scope_catalog name, scope_schema name, scope_name name, " +
            "maximum_cardinality int4, dtd_identifier name, is_derived_reference_attribute varchar",
            names => Owned(names, RelationKind.CompositeType).SelectMany(type => type.LiveColumns.Select(column => Attribute(names, type, column)))),
        Schema(13_132, "view_table_usage", "view_catalog name, view_schema name, view_name name, table_catalog name, table_schema name, table_name name",
            names => Owned(names, RelationKind.View).SelectMany(view => view.References.Select(used => used.Oid).Distinct().Select(names.Snapshot.Find<Relation>).Where(table => IsOwned(names, table))
                .Select(table => new[] { InformationSchema.Catalog(names), Text(names.SchemaName(view.Schema)), Text(view.Name), InformationSchema.Catalog(names), Text(names.SchemaName(table!.Schema)), Text(table.Name) }))),
        Schema(13_133, "view_column_usage", "view_catalog name, view_schema name, view_name name, table_catalog name, table_schema name, table_name name, column_name name",
            names => Owned(names, RelationKind.View).SelectMany(view => view.References.Where(used => used.Column > 0).Select(used => (Table: names.Snapshot.Find<Relation>(used.Oid), used.Column))
                .Where(used => IsOwned(names, used.Table)).Select(used => new[]
                {
                    InformationSchema.Catalog(names), Text(names.SchemaName(view.Schema)), Text(view.Name), InformationSchema.Catalog(names), Text(names.SchemaName(used.Table!.Schema)), Text(used.Table.Name),
                    Text(used.Table.Column(used.Column).Name),
                }))),
        Schema(13_134, "column_udt_usage", "udt_catalog name, udt_schema name, udt_name name, table_catalog name, table_schema name, table_name name, column_name name",
            names => Columns(names).Select(entry => OfColumn(names, entry.Table, entry.Column, entry.Column.Type.Kind == TypeKind.Domain ? entry.Column.Type.BaseType! : entry.Column.Type))),
        Schema(13_135, "column_domain_usage", "domain_catalog name, domain_schema name, domain_name name, table_catalog name, table_schema name, table_name name, column_name name",
            names => Columns(names).Where(entry => entry.Column.Type.Kind == TypeKind.Domain).Select(entry => OfColumn(names, entry.Table, entry.Column, entry.Column.Type))),
        Schema(13_136, "domain_constraints",
            "constraint_catalog name, constraint_schema name, constraint_name name, domain_catalog name, domain_schema name, domain_name name, is_deferrable varchar, initially_deferred varchar",
            names => names.Snapshot.All<TypeDefinition>().SelectMany(domain => domain.Checks.Select(check => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(domain.Schema)), Text(check.Name), InformationSchema.Catalog(names), Text(names.SchemaName(domain.Schema)), Text(domain.Name), YesNo(false), YesNo(false),
            }))),
    ];

    /// <summary>Something of an array type: in which object, and what number it has there.</summary>
    readonly record struct ArrayUse(uint Schema, string Object, string Kind, int Number, PgType Element);

    static IEnumerable<ArrayUse> Arrays(NameResolver names)
    {
        foreach (var relation in Visible(names).Concat(Owned(names, RelationKind.CompositeType)))
            if (relation.Kind != RelationKind.MaterializedView)
                foreach (var column in relation.LiveColumns.Where(column => column.Type.IsArray))
                    yield return new(relation.Schema, relation.Name, relation.Kind == RelationKind.CompositeType ? "USER-DEFINED TYPE" : "TABLE", column.Number, column.Type.Element!);
        foreach (var domain in names.Snapshot.All<TypeDefinition>().Where(type => type.BaseType is { IsArray: true }))
            yield return new(domain.Schema, domain.Name, "DOMAIN", 1, domain.BaseType!.Element!);
        foreach (var table in SystemTables.All)
            for (var i = 0; i < table.Columns.Count; i++)
                if (table.Columns[i].Type is { IsArray: true } type)
                    yield return new(table.Schema, table.Name, "TABLE", i + 1, type.Element!);
        foreach (var function in BuiltinFunctions.Functions)
            if (names.Snapshot.SchemaOf(function) is var schema and not 0)
                for (var i = 0; i <= function.Arguments.Count; i++)
                    if ((i == 0 ? function.Result : function.Arguments[i - 1]) is { IsArray: true } type)
                        yield return new(schema, $"{function.Name}_{function.Oid}", "ROUTINE", i, type.Element!);
    }

    static Datum[] ElementType(NameResolver names, ArrayUse array) =>
    [
        InformationSchema.Catalog(names), Text(names.SchemaName(array.Schema)), Text(array.Object), Text(array.Kind), Text(array.Number.ToString()), Text(TypeFacts.DataType(names, array.Element)),
        .. Enumerable.Repeat(Null, 14), InformationSchema.Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOfType(array.Element))), Text(array.Element.Name), Null, Null, Null, Null, Text($"a{array.Number}"),
    ];

    static Datum[] Attribute(NameResolver names, Relation of, Column column)
    {
        var (type, typmod) = (column.Type, column.Typmod);
        return
        [
            InformationSchema.Catalog(names), Text(names.SchemaName(of.Schema)), Text(of.Name), Text(column.Name), Int(column.Number), Null, YesNo(!column.NotNull), Text(TypeFacts.DataType(names, type)),
            Int(TypeFacts.MaximumLength(type, typmod)), Int(TypeFacts.OctetLength(type, typmod)), Null, Null, Null, column.Collation is null ? Null : InformationSchema.Catalog(names),
            column.Collation is null ? Null : Text("pg_catalog"), Text(column.Collation), Int(TypeFacts.NumericPrecision(type, typmod)), Int(TypeFacts.NumericRadix(type)),
            Int(TypeFacts.NumericScale(type, typmod)), Int(TypeFacts.DateTimePrecision(type, typmod)), Null, Null, InformationSchema.Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOfType(type))),
            Text(type.Name), Null, Null, Null, Null, Text(column.Number.ToString()), YesNo(false),
        ];
    }

    static IEnumerable<(Relation Table, Column Column)> Columns(NameResolver names)
        => Owned(names, RelationKind.Table).Concat(Owned(names, RelationKind.View)).SelectMany(table => table.LiveColumns.Select(column => (table, column)));

    static Datum[] OfColumn(NameResolver names, Relation table, Column column, PgType type) =>
    [
        InformationSchema.Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOfType(type))), Text(type.Name), InformationSchema.Catalog(names), Text(names.SchemaName(table.Schema)), Text(table.Name), Text(column.Name),
    ];

    static IEnumerable<Relation> Owned(NameResolver names, RelationKind kind) => names.Snapshot.All<Relation>().Where(relation => relation.Kind == kind && IsOwned(names, relation));

    static bool IsOwned(NameResolver names, Relation? relation) => relation is not null && Privileges.IsOwner(names.Snapshot, names.Role, relation);
}
