using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>information_schema: schemas, tables, columns, views, sequences, routines. It shows what the role owns or has any privilege on.</summary>
static class InformationSchema
{
    public static readonly SystemTable[] All =
    [
        Schema(13_100, "information_schema_catalog_name", "catalog_name name", names => [[Catalog(names)]]),
        Schema(13_101, "schemata",
            "catalog_name name, schema_name name, schema_owner name, default_character_set_catalog name, default_character_set_schema name, default_character_set_name name, sql_path varchar",
            names => names.Snapshot.All<SchemaDefinition>().Where(schema => Privileges.IsOwner(names.Snapshot, names.Role, schema) || Privileges.HasAny(names.Snapshot, names.Role, schema, Rights.AllOnSchema))
                .Select(schema => new[] { Catalog(names), Text(schema.Name), Text(names.Snapshot.Shared.RoleName(schema.Owner)), Null, Null, Null, Null })),
        Schema(13_102, "tables",
            "table_catalog name, table_schema name, table_name name, table_type varchar, self_referencing_column_name name, reference_generation varchar, user_defined_type_catalog name, " +
            "user_defined_type_schema name, user_defined_type_name name, is_insertable_into varchar, is_typed varchar, commit_action varchar",
            names => Visible(names).Where(relation => relation.Kind is RelationKind.Table or RelationKind.View).Select(relation => TableRow(
                    names, relation.Schema, relation.Name, relation.Persistence == Persistence.Temporary ? "LOCAL TEMPORARY" : relation.Kind == RelationKind.View ? "VIEW" : "BASE TABLE", relation.Kind == RelationKind.Table || IsUpdatable(relation, names)))
                .Concat(SystemTables.All.Select(table => TableRow(names, table.Schema, table.Name, table.IsView ? "VIEW" : "BASE TABLE", !table.IsView)))),
        Schema(13_103, "columns",
            "table_catalog name, table_schema name, table_name name, column_name name, ordinal_position int4, column_default varchar, is_nullable varchar, data_type varchar, " +
            "character_maximum_length int4, character_octet_length int4, numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, " +
            "interval_type varchar, interval_precision int4, character_set_catalog name, character_set_schema name, character_set_name name, collation_catalog name, collation_schema name, " +
            "collation_name name, domain_catalog name, domain_schema name, domain_name name, udt_catalog name, udt_schema name, udt_name name, scope_catalog name, scope_schema name, " +
            "scope_name name, maximum_cardinality int4, dtd_identifier name, is_self_referencing varchar, is_identity varchar, identity_generation varchar, identity_start varchar, " +
            "identity_increment varchar, identity_maximum varchar, identity_minimum varchar, identity_cycle varchar, is_generated varchar, generation_expression varchar, is_updatable varchar",
            Columns),
        Schema(13_104, "views",
            "table_catalog name, table_schema name, table_name name, view_definition varchar, check_option varchar, is_updatable varchar, is_insertable_into varchar, " +
            "is_trigger_updatable varchar, is_trigger_deletable varchar, is_trigger_insertable_into varchar",
            names => Visible(names).Where(relation => relation.Kind == RelationKind.View).Select(view => new[]
            {
                Catalog(names), Text(names.SchemaName(view.Schema)), Text(view.Name), Privileges.IsOwner(names.Snapshot, names.Role, view) ? Text(Deparser.View(view, names)) : Null, Text(view.Options.GetValueOrDefault("check_option", "none").ToUpperInvariant()),
                YesNo(IsUpdatable(view, names)), YesNo(IsUpdatable(view, names)), YesNo(false), YesNo(false), YesNo(false),
            })),
        Schema(13_105, "sequences",
            "sequence_catalog name, sequence_schema name, sequence_name name, data_type varchar, numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, start_value varchar, " +
            "minimum_value varchar, maximum_value varchar, increment varchar, cycle_option varchar",
            names => names.Snapshot.All<SequenceDefinition>().Where(sequence => !sequence.IsIdentity && Privileges.HasAny(names.Snapshot, names.Role, sequence, Rights.AllOnSequence)).Select(sequence => new[]
            {
                Catalog(names), Text(names.SchemaName(sequence.Schema)), Text(sequence.Name), Text(names.FormatType(sequence.Type)), Int(TypeFacts.NumericPrecision(sequence.Type, -1)), Int(2), Int(0),
                Text(sequence.Start.ToString()), Text(sequence.Minimum.ToString()), Text(sequence.Maximum.ToString()), Text(sequence.Increment.ToString()), YesNo(sequence.Cycles),
            })),
        Schema(13_106, "routines",
            "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, routine_schema name, routine_name name, routine_type varchar, type_udt_schema name, " +
            "type_udt_name name, data_type varchar, routine_body varchar, routine_definition varchar, external_language varchar, is_deterministic varchar, security_type varchar",
            names => Functions.BuiltinFunctions.Functions.Where(function => names.Snapshot.SchemaOf(function) != 0).Select(function => new[]
            {
                Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOf(function))), Text($"{function.Name}_{function.Oid}"), Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOf(function))),
                Text(function.Name), function.Kind == Engine.Functions.FunctionKind.Function ? Text("FUNCTION") : Null, Text(names.SchemaName(names.Snapshot.SchemaOfType(function.Result))), Text(function.Result.Name),
                Text(TypeFacts.DataType(names, function.Result)), Text("EXTERNAL"), Null, Text("INTERNAL"), YesNo(function.Volatility == Engine.Functions.Volatility.Immutable), Text("INVOKER"),
            })),
        Schema(13_107, "character_sets",
            "character_set_catalog name, character_set_schema name, character_set_name name, character_repertoire name, form_of_use name, default_collate_catalog name, default_collate_schema name, " +
            "default_collate_name name",
            names => [[Null, Null, Text("UTF8"), Text("UCS"), Text("UTF8"), Catalog(names), Text("pg_catalog"), Text(names.Snapshot.Database.Collation)]]),
        Schema(13_108, "enabled_roles", "role_name name",
            names => names.Snapshot.Shared.Roles.Where(role => names.Snapshot.Shared.IsMember(names.Role, role.Oid)).Select(role => new[] { Text(role.Name) })),
        Schema(13_109, "domains",
            "domain_catalog name, domain_schema name, domain_name name, data_type varchar, character_maximum_length int4, numeric_precision int4, numeric_scale int4, datetime_precision int4, " +
            "domain_default varchar, udt_catalog name, udt_schema name, udt_name name",
            names => names.Snapshot.All<TypeDefinition>().Where(type => type.Kind == TypeKind.Domain).Select(domain => new[]
            {
                Catalog(names), Text(names.SchemaName(domain.Schema)), Text(domain.Name), Text(TypeFacts.DataType(names, domain.BaseType!)), Int(TypeFacts.MaximumLength(domain.BaseType!, domain.Typmod)),
                Int(TypeFacts.NumericPrecision(domain.BaseType!, domain.Typmod)), Int(TypeFacts.NumericScale(domain.BaseType!, domain.Typmod)), Int(TypeFacts.DateTimePrecision(domain.BaseType!, domain.Typmod)),
                Text(domain.Default is { } value ? StoredSql.Show(value, names) : null), Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOfType(domain.BaseType!))), Text(domain.BaseType!.Name),
            })),
        Schema(13_110, "triggers",
            "trigger_catalog name, trigger_schema name, trigger_name name, event_manipulation varchar, event_object_catalog name, event_object_schema name, event_object_table name, " +
            "action_order int4, action_condition varchar, action_statement varchar, action_orientation varchar, action_timing varchar",
            _ => []),
        Schema(13_111, "table_privileges", Grants, TablePrivileges),
        Schema(13_112, "role_table_grants", Grants, TablePrivileges),
    ];

    const string Grants
        = "grantor name, grantee name, table_catalog name, table_schema name, table_name name, privilege_type varchar, is_grantable varchar, with_hierarchy varchar";

    public static Datum Catalog(NameResolver names) => Text(names.Snapshot.Database.Name);

    public static Datum YesNo(bool value) => Text(value ? "YES" : "NO");

    /// <summary>Relations that the role may know of.</summary>
    public static IEnumerable<Relation> Visible(NameResolver names)
        => names.Snapshot.All<Relation>().Where(relation => relation.Kind != RelationKind.CompositeType
            && (Privileges.IsOwner(names.Snapshot, names.Role, relation) || Privileges.HasAny(names.Snapshot, names.Role, relation, Rights.AllOnTable)));

    static bool IsUpdatable(Relation view, NameResolver names) => Binding.UpdatableView.Obstacle(view, names, TypeSettings.Default) is null;

    static Datum[] TableRow(NameResolver names, uint schema, string name, string type, bool isInsertable)
        => [Catalog(names), Text(names.SchemaName(schema)), Text(name), Text(type), Null, Null, Null, Null, Null, YesNo(isInsertable), YesNo(false), Null];

    static IEnumerable<Datum[]> Columns(NameResolver names)
    {
        foreach (var relation in Visible(names).Where(relation => relation.Kind is RelationKind.Table or RelationKind.View))
            foreach (var column in relation.LiveColumns)
                yield return ColumnRow(names, relation.Schema, relation.Name, column,
                    column.Identity == Identity.None ? null : names.Snapshot.IdentitySequence(relation.Oid, column.Number), relation.Kind == RelationKind.Table);
        foreach (var table in SystemTables.All)
            for (short i = 0; i < table.Columns.Count; i++)
                yield return ColumnRow(names, table.Schema, table.Name, new Column { Name = table.Columns[i].Name, Number = (short)(i + 1), Type = table.Columns[i].Type, NotNull = !table.IsView && i == 0 }, null, false);
    }

    static Datum[] ColumnRow(NameResolver names, uint schema, string table, Column column, SequenceDefinition? identity, bool isUpdatable)
    {
        var domain = column.Type.Kind == TypeKind.Domain ? column.Type : null;
        var (type, typmod) = domain is null ? (column.Type, column.Typmod) : (domain.BaseType!, names.Snapshot.Find<TypeDefinition>(domain.Oid)?.Typmod ?? -1);
        var text = column.Default is { } value ? StoredSql.Show(value, names) : null;
        var numeric = TypeFacts.NumericPrecision(type, typmod);
        return
        [
            Catalog(names), Text(names.SchemaName(schema)), Text(table), Text(column.Name), Int(column.Number), Text(column.IsGenerated ? null : text), YesNo(!column.NotNull),
            Text(TypeFacts.DataType(names, type)), Int(TypeFacts.MaximumLength(type, typmod)), Int(TypeFacts.OctetLength(type, typmod)), Int(numeric), Int(TypeFacts.NumericRadix(type)), Int(TypeFacts.NumericScale(type, typmod)),
            Int(TypeFacts.DateTimePrecision(type, typmod)), Null, Null, Null, Null, Null, column.Collation is null ? Null : Catalog(names), column.Collation is null ? Null : Text("pg_catalog"), Text(column.Collation),
            domain is null ? Null : Catalog(names), domain is null ? Null : Text(names.SchemaName(names.Snapshot.SchemaOfType(domain))), Text(domain?.Name),
            Catalog(names), Text(names.SchemaName(names.Snapshot.SchemaOfType(type))), Text(type.Name), Null, Null, Null, Null, Text(column.Number.ToString()), YesNo(false),
            YesNo(column.Identity != Identity.None), Text(column.Identity switch { Identity.Always => "ALWAYS", Identity.ByDefault => "BY DEFAULT", _ => null }),
            Text(identity?.Start.ToString()), Text(identity?.Increment.ToString()), Text(identity?.Maximum.ToString()), Text(identity?.Minimum.ToString()), YesNo(identity?.Cycles ?? false),
            Text(column.IsGenerated ? "ALWAYS" : "NEVER"), Text(column.IsGenerated ? text : null), YesNo(isUpdatable),
        ];
    }

    static IEnumerable<Datum[]> TablePrivileges(NameResolver names)
    {
        var shared = names.Snapshot.Shared;
        foreach (var relation in Visible(names))
            foreach (var item in relation.Acl ?? [.. AclItem.Defaults(relation)])
                foreach (var right in new[] { Rights.Insert, Rights.Select, Rights.Update, Rights.Delete, Rights.Truncate, Rights.References, Rights.Trigger })
                    if (item.Rights.HasFlag(right))
                        yield return
                        [
                            Text(shared.RoleName(item.Grantor)), Text(item.Grantee == AclItem.Public ? "PUBLIC" : shared.RoleName(item.Grantee)), Catalog(names), Text(names.SchemaName(relation.Schema)),
                            Text(relation.Name), Text(right.ToString().ToUpperInvariant()), YesNo(item.Grantee == relation.Owner || item.GrantOptions.HasFlag(right)), YesNo(right == Rights.Select),
                        ];
    }
}

/// <summary>What information_schema says of types.</summary>
static class TypeFacts
{
    public static string DataType(NameResolver names, PgType type)
        => type.IsArray ? "ARRAY" : names.Snapshot.SchemaOfType(type) == WellKnownOids.PgCatalog ? type.DisplayName : "USER-DEFINED";

    public static long? MaximumLength(PgType type, int typmod)
        => (type == PgTypes.Varchar || type == PgTypes.Bpchar) && typmod >= 4 ? typmod - 4
            : type == PgTypes.Bit || type == PgTypes.Varbit ? typmod >= 0 ? typmod : null
            : null;

    public static long? OctetLength(PgType type, int typmod)
        => type == PgTypes.Text || type == PgTypes.Varchar || type == PgTypes.Bpchar ? MaximumLength(type, typmod) is { } length ? length * 4 : 1_073_741_824 : null;

    public static long? NumericPrecision(PgType type, int typmod)
        => type == PgTypes.Int2 ? 16 : type == PgTypes.Int4 ? 32 : type == PgTypes.Int8 ? 64 : type == PgTypes.Float4 ? 24 : type == PgTypes.Float8 ? 53
            : type == PgTypes.Numeric && typmod >= 4 ? (typmod - 4) >> 16 & 0xFFFF : null;

    public static long? NumericRadix(PgType type)
        => type == PgTypes.Int2 || type == PgTypes.Int4 || type == PgTypes.Int8 || type == PgTypes.Float4 || type == PgTypes.Float8 ? 2 : type == PgTypes.Numeric ? 10 : null;

    public static long? NumericScale(PgType type, int typmod)
        => type == PgTypes.Int2 || type == PgTypes.Int4 || type == PgTypes.Int8 ? 0 : type == PgTypes.Numeric && typmod >= 4 ? (typmod - 4) & 0x7FF : null;

    public static long? DateTimePrecision(PgType type, int typmod)
        => type == PgTypes.Date ? 0
            : type == PgTypes.Time || type == PgTypes.TimeTz || type == PgTypes.Timestamp || type == PgTypes.TimestampTz ? typmod < 0 ? 6 : typmod
            : type == PgTypes.Interval ? typmod < 0 || (typmod & 0xFFFF) == 0xFFFF ? 6 : typmod & 0xFFFF : null;
}
