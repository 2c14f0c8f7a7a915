using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Where a new object goes, by PostgreSQL's rules for its name, with the right to make it there.</summary>
public static class CreationTarget
{
    /// <summary>Resolves the schema of a new relation. Raises 3F000, 42501, 42P16.</summary>
    public static (uint Schema, Persistence Persistence) ForRelation(StatementContext context, QualifiedName name, TablePersistence persistence)
    {
        if (persistence == TablePersistence.Temporary || name.Schema == "pg_temp")
        {
            if (name.Schema is not null && name.Schema != "pg_temp" && context.Names.FindSchema(name.Schema) != context.Names.Path.Temporary)
                throw new PgError(SqlState.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema") { Position = name.Position };
            return (context.TemporarySchema(), Persistence.Temporary);
        }
        var schema = LockSchema(context, () => ForObject(context, name));
        return (schema, persistence == TablePersistence.Unlogged ? Persistence.Unlogged : Persistence.Permanent);
    }

    /// <summary>Resolves the schema of any other new object. Raises 3F000, 42501.</summary>
    public static uint ForObject(StatementContext context, QualifiedName name)
    {
        if (name.Catalog is { } catalog && catalog != context.Snapshot.Database.Name)
            throw new PgError(SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{CatalogErrors.Written(name)}\"");
        var schema = name.Schema is not null
            ? context.Names.RequireSchema(name.Schema, name.Position)
            : context.Names.Path.Creation is var first and not 0
                ? first
                : throw new PgError(SqlState.InvalidSchemaName, "no schema has been selected to create in") { Position = name.Position };
        RequireCreate(context, schema);
        return schema;
    }

    /// <summary>Keeps the schema that a relation goes to from being dropped. A name whose schema goes while that is waited for is looked up again.</summary>
    public static uint LockSchema(StatementContext context, Func<uint> find)
    {
        while (true)
        {
            var schema = find();
            context.Lock(CatalogLocks.Of(context.Database, context.Snapshot.Get<SchemaDefinition>(schema)), LockMode.AccessShare);
            if (find() == schema)
                return schema;
        }
    }

    /// <summary>Raises 42501 unless the role may create in the schema; nobody may in pg_catalog and information_schema.</summary>
    public static void RequireCreate(StatementContext context, uint schema)
    {
        var definition = context.Snapshot.Get<SchemaDefinition>(schema);
        if (schema is WellKnownOids.PgCatalog or WellKnownOids.InformationSchema)
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied to create in schema \"{definition.Name}\"")
            {
                Detail = "System catalog modifications are currently disallowed.",
            };
        Privileges.Require(context.Snapshot, context.Role, definition, Rights.Create);
    }

    /// <summary>As <see cref="RequireCreate"/>, for something that goes next to an existing relation.</summary>
    public static void RequireCreateIfNotTemporary(StatementContext context, Relation relation)
    {
        if (relation.Persistence != Persistence.Temporary)
            RequireCreate(context, relation.Schema);
    }

    /// <summary>Claims a relation name until the transaction ends; false when it is taken.</summary>
    public static bool TryClaimRelation(StatementContext context, uint schema, string name)
    {
        context.Lock(CatalogLocks.NameOfRelation(context.Database, schema, name), LockMode.AccessExclusive);
        return context.Snapshot.FindRelation(schema, name) is null;
    }

    /// <summary>Claims a name for a relation with a row type. Raises 42P07 when a relation has it, 42710 when a type has.</summary>
    public static void ClaimRelation(StatementContext context, uint schema, string name, bool withRowType = true)
    {
        if (!TryClaimRelation(context, schema, name))
            throw CatalogErrors.DuplicateRelation(name);
        if (withRowType)
            ClaimType(context, schema, name, isForRelation: true);
    }

    /// <summary>Claims a type name. Raises 42710.</summary>
    public static void ClaimType(StatementContext context, uint schema, string name, bool isForRelation = false)
    {
        context.Lock(CatalogLocks.NameOfType(context.Database, schema, name), LockMode.AccessExclusive);
        if (context.Snapshot.FindType(schema, name) is not { IsArray: false })
            return;
        throw new PgError(SqlState.DuplicateObject, $"type \"{name}\" already exists")
        {
            Hint = !isForRelation ? null : "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.",
        };
    }
}
