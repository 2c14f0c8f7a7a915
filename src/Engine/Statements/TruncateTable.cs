using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>TRUNCATE: the tables get new, empty storage at commit.</summary>
static class TruncateTable
{
    public static string Execute(TruncateStatement statement, StatementContext context)
    {
        var tables = new List<Relation>();
        foreach (var reference in statement.Tables)
            Add(context, tables, RelationFinder.Find<Relation>(context, reference.Name, LockMode.AccessExclusive));

        // Tables with foreign keys to truncated ones must be truncated too.
        for (var i = 0; i < tables.Count; i++)
        {
            foreach (var (table, key) in context.Snapshot.ForeignKeysTo(tables[i].Oid).ToList())
            {
                if (tables.Any(other => other.Oid == table.Oid))
                    continue;
                if (statement.Behavior != DropBehavior.Cascade)
                    throw new PgError(SqlState.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint")
                    {
                        Detail = $"Table \"{table.Name}\" references \"{tables[i].Name}\".",
                        Hint = $"Truncate table \"{table.Name}\" at the same time, or use TRUNCATE ... CASCADE.",
                    };
                context.Notice($"truncate cascades to table \"{table.Name}\"");
                Add(context, tables, context.LockRelation(table, LockMode.AccessExclusive));
            }
        }
        foreach (var table in tables)
        {
            context.Session.Block!.Serial?.WriteTable(table.Oid);
            Empty(context, table);
            if (statement.RestartIdentity)
                foreach (var sequence in context.Snapshot.SequencesOf(table.Oid).ToList())
                    SequenceStatements.Restart(context, context.LockRelation(sequence, LockMode.AccessExclusive));
        }
        return "TRUNCATE TABLE";
    }

    /// <summary>Gives a table new storage and builds its indexes over nothing; returns it as it is then.</summary>
    public static Relation Empty(StatementContext context, Relation table)
    {
        context.Tables.Drop(table);
        var emptied = table with { StorageId = context.Catalog.NewOid() };
        context.Catalog.Put(emptied);
        context.Tables.Create(emptied);
        foreach (var index in context.Snapshot.IndexesOf(table.Oid).ToList())
        {
            context.Tables.DropIndex(index);
            context.Tables.BuildIndex(emptied, index);
        }
        return emptied;
    }

    static void Add(StatementContext context, List<Relation> tables, Relation table)
    {
        if (table.Kind != RelationKind.Table)
            throw CatalogErrors.WrongKind(table.Name, "a table");
        Privileges.Require(context.Snapshot, context.Role, table, Rights.Truncate);
        context.Session.Block!.RequireNoWaitingChecks(table, "TRUNCATE");
        if (tables.All(other => other.Oid != table.Oid))
            tables.Add(table);
    }
}
