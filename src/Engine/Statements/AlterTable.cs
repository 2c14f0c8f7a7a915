using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>ALTER TABLE, and its variants for views, indexes, sequences and composite types: one action after the other.</summary>
static class AlterTable
{
    public static string Execute(AlterTableStatement statement, StatementContext context)
    {
        var tag = "ALTER " + DropObjects.KindName(statement.Kind).ToUpperInvariant();
        var name = statement.Table.Name;
        if (context.Names.FindRelation(name) is null)
        {
            if (!statement.IfExists)
                throw CatalogErrors.UndefinedRelation(name with { Position = 0 });
            context.Notice($"relation \"{CatalogErrors.Written(name)}\" does not exist, skipping");
            return tag;
        }
        var target = RelationFinder.Find<SchemaObject>(context, name, AlterTableLocks.Of(statement));
        RequireKind(statement.Kind, target);
        Privileges.RequireOwner(context.Snapshot, context.Role, target is IndexDefinition index ? context.Snapshot.Get<Relation>(index.Table) : target);
        if (target is Relation relation)
            context.Session.Block!.RequireNoWaitingChecks(relation, "ALTER TABLE");
        foreach (var action in statement.Actions)
            Run(context, context.Snapshot.Get<SchemaObject>(target.Oid), action);
        return tag;
    }

    static void Run(StatementContext context, SchemaObject target, AlterTableAction action)
    {
        switch (target, action)
        {
            case (_, ChangeOwner e): Ownership.Change(context, target, e.Owner); break;
            case (_, SetTablespace e): Tablespaces.Require(e.Tablespace); break;
            case (Relation relation, AlterOptions e): AlterRelationOptions(context, relation, e); break;
            case (IndexDefinition index, AlterOptions e):
                context.Catalog.Put(index with { Options = Merge(index.Options, e, options => RelationOptions.ForIndex(index.Method, options)) });
                break;
            case (IndexDefinition or SequenceDefinition, _): throw Unsuitable(target, action);
            case (Relation { Kind: RelationKind.View } view, AlterColumnDefault e): AlterColumn.SetDefault(context, view, e); break;
            case (Relation { Kind: RelationKind.View }, _): throw Unsuitable(target, action);
            case (Relation { Kind: RelationKind.CompositeType } type, _): RunOnType(context, type, action); break;
            case (Relation relation, _): RunOnTable(context, relation, action); break;
        }
    }

    static void RunOnTable(StatementContext context, Relation table, AlterTableAction action)
    {
        switch (action)
        {
            case AddColumn e: AddTableColumn.Execute(context, table, e); break;
            case DropColumn e: DropTableColumn(context, table, e); break;
            case AlterColumnType e: AlterType.Execute(context, table, e); break;
            case AlterColumnDefault e: AlterColumn.SetDefault(context, table, e); break;
            case AlterColumnNotNull e: AlterColumn.SetNotNull(context, table, e); break;
            case DropColumnExpression e: AlterColumn.DropExpression(context, table, e); break;
            case AlterColumnStatistics e: AlterColumn.SetStatistics(context, table, e); break;
            case AlterColumnOptions e: AlterColumn.Find(table, e.Column); break;
            case AlterColumnStorage e: AlterColumn.SetStorage(context, table, e); break;
            case AlterColumnCompression e: AlterColumn.SetCompression(context, table, e); break;
            case AddIdentity e: AlterColumn.AddIdentity(context, table, e); break;
            case AlterIdentity e: AlterColumn.AlterIdentity(context, table, e); break;
            case DropIdentity e: AlterColumn.DropIdentity(context, table, e); break;
            case AddConstraint e: TableConstraints.Add(context, table, e.Constraint); break;
            case AlterConstraint e: TableConstraints.Alter(context, table, e); break;
            case ValidateConstraint e: TableConstraints.Validate(context, table, e.Name); break;
            case DropConstraint e: TableConstraints.Drop(context, table, e); break;
            case SetAccessMethod e: CreateTable.RequireHeap(e.AccessMethod); break;
            case SetPersistence { Persistence: var persistence }: SetTablePersistence(context, table, persistence); break;
            case SetReplicaIdentity e: SetIdentity(context, table, e); break;
            // What these turn off is never on.
            case SetWithoutOids or SetWithoutCluster or SetRowSecurity { Enable: false } or SetTriggerState { Name: null }: break;
            case ClusterOn e: RequireIndex(context, table, e.Index); break;
            default: throw PgError.Unsupported(ActionName(action), action.Position);
        }
    }

    static void RunOnType(StatementContext context, Relation type, AlterTableAction action)
    {
        switch (action)
        {
            case AddColumn e:
                var builder = new TableBuilder(context, type, isNew: false);
                builder.AddColumn(e.Column);
                RequireUnused(context, type);
                builder.Save();
                break;
            case DropColumn e:
                RequireUnused(context, type);
                DropTableColumn(context, type, e);
                break;
            case AlterColumnType e:
                RequireUnused(context, type);
                var column = AlterColumn.Find(type, e.Column);
                var (to, typmod) = context.Names.ResolveType(e.Type);
                context.Catalog.Put(type.WithColumn(column.Number, old => old with { Type = to, Typmod = typmod }));
                break;
            default:
                throw PgError.Unsupported(ActionName(action), action.Position);
        }
    }

    // Stored values of the type would not fit its new shape.
    static void RequireUnused(StatementContext context, Relation type)
    {
        foreach (var relation in context.Snapshot.All<Relation>())
            foreach (var column in relation.LiveColumns)
                if (relation.HasRows && (column.Type.Element ?? column.Type).Oid == type.RowTypeOid)
                    throw new PgError(SqlState.FeatureNotSupported, $"cannot alter type \"{type.Name}\" because column \"{relation.Name}.{column.Name}\" uses it");
    }

    static void DropTableColumn(StatementContext context, Relation table, DropColumn action)
    {
        if (table.FindColumn(action.Column) is { } column)
        {
            Dropper.Drop(context, [new TableColumn(table, column.Number)], action.Behavior);
            return;
        }
        if (action.Column is "ctid" or "xmin" or "cmin" or "xmax" or "cmax" or "tableoid")
            throw new PgError(SqlState.FeatureNotSupported, $"cannot drop system column \"{action.Column}\"");
        if (!action.IfExists)
            throw CatalogErrors.UndefinedColumn(action.Column, table.Name);
        context.Notice($"column \"{action.Column}\" of relation \"{table.Name}\" does not exist, skipping");
    }

    static void AlterRelationOptions(StatementContext context, Relation relation, AlterOptions action)
        => context.Catalog.Put(relation with
        {
            Options = Merge(relation.Options, action, options => relation.Kind == RelationKind.View ? RelationOptions.ForView(options) : RelationOptions.ForTable(options)),
        });

    static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Merge(
        System.Collections.Immutable.ImmutableSortedDictionary<string, string> old, AlterOptions action,
        Func<System.Collections.Immutable.ImmutableArray<Option>, System.Collections.Immutable.ImmutableSortedDictionary<string, string>> check)
        => action.IsReset ? old.RemoveRange(action.Options.Select(option => option.Name)) : old.SetItems(check(action.Options));

    static void SetTablePersistence(StatementContext context, Relation table, TablePersistence persistence)
    {
        if (table.Persistence == Persistence.Temporary)
            throw new PgError(SqlState.InvalidTableDefinition, $"cannot change logged status of table \"{table.Name}\" because it is temporary");
        context.Catalog.Put(table with { Persistence = persistence == TablePersistence.Unlogged ? Persistence.Unlogged : Persistence.Permanent });
    }

    static void SetIdentity(StatementContext context, Relation table, SetReplicaIdentity action)
    {
        if (action.Index is { } index)
            RequireIndex(context, table, index);
        context.Catalog.Put(table with
        {
            ReplicaIdentity = action.Identity switch
            {
                ReplicaIdentity.Full => 'f',
                ReplicaIdentity.Nothing => 'n',
                ReplicaIdentity.Index => 'i',
                _ => 'd',
            },
        });
    }

    static void RequireIndex(StatementContext context, Relation table, string name)
    {
        if (context.Snapshot.IndexesOf(table.Oid).All(index => index.Name != name))
            throw CatalogErrors.UndefinedObject("index", name + "\" for table \"" + table.Name);
    }

    static void RequireKind(ObjectKind kind, SchemaObject target)
    {
        var fits = (kind, target) switch
        {
            // ALTER TABLE takes every kind of relation, as PostgreSQL's does.
            (ObjectKind.Table, Relation { Kind: RelationKind.CompositeType }) => false,
            (ObjectKind.Table, _) => true,
            (ObjectKind.View, Relation { Kind: RelationKind.View }) => true,
            (ObjectKind.MaterializedView, Relation { Kind: RelationKind.MaterializedView }) => true,
            (ObjectKind.Index, IndexDefinition) => true,
            (ObjectKind.Sequence, SequenceDefinition) => true,
            (ObjectKind.Type, Relation { Kind: RelationKind.CompositeType }) => true,
            _ => false,
        };
        if (!fits)
            throw CatalogErrors.WrongKind(target.Name, kind switch
            {
                ObjectKind.Index => "an index",
                ObjectKind.Type => "a composite type",
                _ => "a " + DropObjects.KindName(kind),
            });
    }

    static PgError Unsuitable(SchemaObject target, AlterTableAction action)
        => new(SqlState.WrongObjectType, $"ALTER action {ActionName(action)} cannot be performed on relation \"{target.Name}\"")
        {
            Detail = target switch
            {
                IndexDefinition => "This operation is not supported for indexes.",
                SequenceDefinition => "This operation is not supported for sequences.",
                _ => "This operation is not supported for views.",
            },
        };

    static string ActionName(AlterTableAction action) => action switch
    {
        AddColumn => "ADD COLUMN",
        DropColumn => "DROP COLUMN",
        AlterColumnType => "ALTER COLUMN ... SET DATA TYPE",
        AlterColumnDefault => "ALTER COLUMN ... SET DEFAULT",
        AlterColumnNotNull => "ALTER COLUMN ... SET NOT NULL",
        AddConstraint => "ADD CONSTRAINT",
        DropConstraint => "DROP CONSTRAINT",
        InheritTable => "INHERIT",
        SetOfType => "OF",
        SetRowSecurity => "ENABLE ROW SECURITY",
        SetTriggerState => "ENABLE TRIGGER",
        AttachPartition => "ATTACH PARTITION",
        DetachPartition => "DETACH PARTITION",
        _ => "ALTER TABLE " + action.GetType().Name,
    };
}
