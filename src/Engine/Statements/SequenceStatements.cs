using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE and ALTER SEQUENCE.</summary>
static class SequenceStatements
{
    public static string Create(CreateSequenceStatement statement, StatementContext context)
    {
        var (schema, persistence) = CreationTarget.ForRelation(context, statement.Name, statement.Persistence);
        if (!CreationTarget.TryClaimRelation(context, schema, statement.Name.Name))
        {
            if (!statement.IfNotExists)
                throw CatalogErrors.DuplicateRelation(statement.Name.Name);
            context.Notice($"relation \"{statement.Name.Name}\" already exists, skipping", sqlState: SqlState.DuplicateTable);
            return "CREATE SEQUENCE";
        }
        var sequence = SequenceOptions.Apply(context, new SequenceDefinition
        {
            Oid = context.Catalog.NewOid(),
            StateId = context.Catalog.NewOid(),
            Name = statement.Name.Name,
            Schema = schema,
            Owner = context.Role,
            Type = PgTypes.Int8,
            Persistence = persistence,
        }, statement.Options, isNew: true, null, out _);
        sequence = WithOwner(context, sequence, statement.Options.FirstOrDefault(option => option.Kind == SequenceOptionKind.OwnedBy));
        Save(context, sequence, new SequenceState(sequence.Start, false));
        return "CREATE SEQUENCE";
    }

    public static string Alter(AlterSequenceStatement statement, StatementContext context)
    {
        if (context.Names.FindRelation(statement.Name) is null && statement.IfExists)
        {
            context.Notice($"relation \"{CatalogErrors.Written(statement.Name)}\" does not exist, skipping");
            return "ALTER SEQUENCE";
        }
        var sequence = RelationFinder.Find<SequenceDefinition>(context, statement.Name, LockMode.ShareRowExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, sequence);
        var ownedBy = statement.Options.FirstOrDefault(option => option.Kind == SequenceOptionKind.OwnedBy);
        if (ownedBy is not null && sequence.IsIdentity)
            throw new PgError(SqlState.FeatureNotSupported, "cannot change ownership of identity sequence")
            {
                Detail = $"Sequence \"{sequence.Name}\" is linked to table \"{context.Snapshot.Get<Relation>(sequence.OwnedBy).Name}\".",
            };
        AlterOptions(context, WithOwner(context, sequence, ownedBy), statement.Options, null);
        return "ALTER SEQUENCE";
    }

    /// <summary>Changes options of a sequence that is locked; RESTART gives it a new counter, which a rollback forgets.</summary>
    public static void AlterOptions(StatementContext context, SequenceDefinition sequence, System.Collections.Immutable.ImmutableArray<SequenceOption> options, PgType? identityType)
    {
        var changed = SequenceOptions.Apply(context, sequence, options, isNew: false, identityType, out var restart);
        var state = context.Catalog.Catalog.Sequences.Read(context.Database, sequence);
        if (restart is { } value)
            Save(context, changed with { StateId = context.Catalog.NewOid() }, new SequenceState(value, false));
        else if (state.Last < changed.Minimum)
            throw new PgError(SqlState.InvalidParameterValue, $"RESTART value ({state.Last}) cannot be less than MINVALUE ({changed.Minimum})");
        else if (state.Last > changed.Maximum)
            throw new PgError(SqlState.InvalidParameterValue, $"RESTART value ({state.Last}) cannot be greater than MAXVALUE ({changed.Maximum})");
        else
            context.Catalog.Put(changed);
    }

    /// <summary>Puts a new sequence (or one with a new counter) into the catalog, at this state.</summary>
    public static void Save(StatementContext context, SequenceDefinition sequence, SequenceState state)
    {
        context.Catalog.Put(sequence);
        context.Catalog.Catalog.Sequences.Set(context.Database, sequence, state);
    }

    /// <summary>Back to the start value (TRUNCATE … RESTART IDENTITY).</summary>
    public static void Restart(StatementContext context, SequenceDefinition sequence)
        => Save(context, sequence with { StateId = context.Catalog.NewOid() }, new SequenceState(sequence.Start, false));

    static SequenceDefinition WithOwner(StatementContext context, SequenceDefinition sequence, SequenceOption? option)
    {
        if (option is null)
            return sequence;
        if (option.Name is ["none"])
            return sequence with { OwnedBy = 0, OwnedByColumn = 0 };
        if (option.Name.Length < 2)
            throw new PgError(SqlState.SyntaxError, "invalid OWNED BY option") { Hint = "Specify OWNED BY table.column or OWNED BY NONE.", Position = option.Position };
        var parts = option.Name;
        var name = new QualifiedName(parts.Length > 3 ? parts[^4] : null, parts.Length > 2 ? parts[^3] : null, parts[^2], option.Position);
        var table = RelationFinder.Find<Relation>(context, name, LockMode.AccessShare);
        if (table.Owner != sequence.Owner)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, "sequence must have same owner as table it is linked to");
        if (table.Schema != sequence.Schema)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to");
        var column = table.FindColumn(parts[^1]) ?? throw CatalogErrors.UndefinedColumn(parts[^1], table.Name);
        return sequence with { OwnedBy = table.Oid, OwnedByColumn = column.Number };
    }
}
