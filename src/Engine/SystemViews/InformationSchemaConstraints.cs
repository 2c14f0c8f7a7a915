using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.InformationSchema;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>information_schema's views of constraints.</summary>
static class InformationSchemaConstraints
{
    public static readonly SystemTable[] All =
    [
        Schema(13_120, "table_constraints",
            "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema name, table_name name, constraint_type varchar, is_deferrable varchar, " +
            "initially_deferred varchar, enforced varchar, nulls_distinct varchar",
            names => Constraints(names).Select(entry => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Constraint.Name), InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Table.Name),
                Text(entry.Constraint.Kind switch { ConstraintKind.PrimaryKey => "PRIMARY KEY", ConstraintKind.Unique => "UNIQUE", ConstraintKind.ForeignKey => "FOREIGN KEY", _ => "CHECK" }),
                YesNo(entry.Constraint.IsDeferrable), YesNo(entry.Constraint.InitiallyDeferred), YesNo(true),
                entry.Constraint.Kind == ConstraintKind.Unique ? YesNo(!names.Snapshot.Get<IndexDefinition>(entry.Constraint.IndexOid).NullsNotDistinct) : Null,
            }).Concat(NotNulls(names).Select(entry => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Name), InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Table.Name),
                Text("CHECK"), YesNo(false), YesNo(false), YesNo(true), Null,
            }))),
        Schema(13_121, "key_column_usage",
            "constraint_catalog name, constraint_schema name, constraint_name name, table_catalog name, table_schema name, table_name name, column_name name, ordinal_position int4, " +
            "position_in_unique_constraint int4",
            names => Constraints(names).Where(entry => entry.Constraint.Kind != ConstraintKind.Check).SelectMany(entry => entry.Constraint.Columns.Select((number, i) => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Constraint.Name), InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Table.Name),
                Text(entry.Table.Column(number).Name), Int(i + 1), entry.Constraint.Kind == ConstraintKind.ForeignKey ? PositionInKey(names, entry.Constraint, i) : Null,
            }))),
        Schema(13_122, "constraint_column_usage",
            "table_catalog name, table_schema name, table_name name, column_name name, constraint_catalog name, constraint_schema name, constraint_name name",
            names => Constraints(names).SelectMany(entry => Used(names, entry.Table, entry.Constraint).Select(used => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(used.Table.Schema)), Text(used.Table.Name), Text(used.Column.Name), InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)),
                Text(entry.Constraint.Name),
            }))),
        Schema(13_123, "constraint_table_usage",
            "table_catalog name, table_schema name, table_name name, constraint_catalog name, constraint_schema name, constraint_name name",
            names => Constraints(names).Where(entry => entry.Constraint.Kind != ConstraintKind.Check).Select(entry =>
            {
                var used = entry.Constraint.Kind == ConstraintKind.ForeignKey ? names.Snapshot.Get<Relation>(entry.Constraint.ReferencedTable) : entry.Table;
                return new[]
                {
                    InformationSchema.Catalog(names), Text(names.SchemaName(used.Schema)), Text(used.Name), InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Constraint.Name),
                };
            })),
        Schema(13_124, "referential_constraints",
            "constraint_catalog name, constraint_schema name, constraint_name name, unique_constraint_catalog name, unique_constraint_schema name, unique_constraint_name name, " +
            "match_option varchar, update_rule varchar, delete_rule varchar",
            names => Constraints(names).Where(entry => entry.Constraint.Kind == ConstraintKind.ForeignKey).Select(entry =>
            {
                var referenced = names.Snapshot.Get<Relation>(entry.Constraint.ReferencedTable);
                var key = referenced.Constraints.FirstOrDefault(other => other.IndexOid == entry.Constraint.IndexOid && other.Kind != ConstraintKind.ForeignKey);
                return new[]
                {
                    InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Constraint.Name), key is null ? Null : InformationSchema.Catalog(names),
                    key is null ? Null : Text(names.SchemaName(referenced.Schema)), Text(key?.Name), Text(entry.Constraint.MatchFull ? "FULL" : "NONE"), Text(Rule(entry.Constraint.OnUpdate)),
                    Text(Rule(entry.Constraint.OnDelete)),
                };
            })),
        Schema(13_125, "check_constraints", "constraint_catalog name, constraint_schema name, constraint_name name, check_clause varchar",
            names => Constraints(names).Where(entry => entry.Constraint.Kind == ConstraintKind.Check).Select(entry => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Constraint.Name), Text(Deparser.Expression(entry.Constraint.Expression!, names, pretty: false)),
            }).Concat(NotNulls(names).Select(entry => new[]
            {
                InformationSchema.Catalog(names), Text(names.SchemaName(entry.Table.Schema)), Text(entry.Name), Text($"{entry.Column.Name} IS NOT NULL"),
            }))),
    ];

    static IEnumerable<(Relation Table, Constraint Constraint)> Constraints(NameResolver names)
        => Visible(names).SelectMany(table => table.Constraints.Select(constraint => (table, constraint)));

    // NOT NULL shows as a CHECK whose name is made of OIDs.
    static IEnumerable<(Relation Table, Column Column, string Name)> NotNulls(NameResolver names)
        => Visible(names).Where(table => table.Kind == RelationKind.Table)
            .SelectMany(table => table.LiveColumns.Where(column => column.NotNull).Select(column => (table, column, $"{table.Schema}_{table.Oid}_{column.Number}_not_null")));

    static Datum PositionInKey(NameResolver names, Constraint key, int position)
    {
        var columns = names.Snapshot.Get<IndexDefinition>(key.IndexOid).Keys.Select(indexKey => indexKey.Column).ToList();
        return Int(columns.IndexOf(key.ReferencedColumns[position]) + 1);
    }

    static IEnumerable<(Relation Table, Column Column)> Used(NameResolver names, Relation table, Constraint constraint)
    {
        var (used, numbers) = constraint.Kind == ConstraintKind.ForeignKey
            ? (names.Snapshot.Get<Relation>(constraint.ReferencedTable), constraint.ReferencedColumns)
            : (table, constraint.Columns);
        return numbers.Select(number => (used, used.Column(number)));
    }

    static string Rule(ForeignKeyAction action) => action switch
    {
        ForeignKeyAction.Restrict => "RESTRICT",
        ForeignKeyAction.Cascade => "CASCADE",
        ForeignKeyAction.SetNull => "SET NULL",
        ForeignKeyAction.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    };
}
