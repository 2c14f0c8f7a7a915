using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>ALTER of tables and what shares their actions: indexes, views, sequences, composite types.</summary>
sealed class AlterTableRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>The rest of ALTER, after the words of the kind.</summary>
    public Statement Alter(ObjectKind kind, int position)
    {
        if (At(K.All, K.In)) return MoveTablespace(kind, position);

        var ifExists = IfExists();
        var table = Grammar.From.Relation();
        if (At(K.Rename)) return Rename(kind, table, ifExists, position);
        if (At(K.Set, K.Schema))
        {
            Advance();
            Advance();
            return new AlterSchemaStatement(Reference(kind, table.Name), ColumnId(), ifExists, position);
        }
        if (kind is not ObjectKind.Table && (At(K.Depends) || At(K.No, K.Depends)))
            return Grammar.Alters.Depends(Reference(kind, table.Name), position);
        if (kind == ObjectKind.Sequence && OptionalSequenceOptions() is { Length: > 0 } options)
            return new AlterSequenceStatement(table.Name, ifExists, options, position);
        if (Accept(K.Attach))
        {
            Expect(K.Partition);
            var partition = Name();
            var attach = new AttachPartition(partition, kind == ObjectKind.Index ? null : Grammar.Tables.Bound(), partition.Position);
            return new AlterTableStatement(kind, table, ifExists, [attach], position);
        }
        if (Accept(K.Detach))
        {
            Expect(K.Partition);
            var partition = Name();
            var concurrently = Accept(K.Concurrently);
            var detach = new DetachPartition(partition, concurrently, !concurrently && Accept(K.Finalize), partition.Position);
            return new AlterTableStatement(kind, table, ifExists, [detach], position);
        }
        return new AlterTableStatement(kind, table, ifExists, List(Action), position);
    }

    static ObjectReference Reference(ObjectKind kind, QualifiedName name) => new(kind, name, name.Position);

    // SET and RESTART begin options of sequences only; OWNER and other actions are those of tables.
    ImmutableArray<SequenceOption> OptionalSequenceOptions()
    {
        if (At(K.Set) && (NextIs(K.Logged) || NextIs(K.Unlogged))) return [];
        return Grammar.Sequences.OptionList();
    }

    RenameStatement Rename(ObjectKind kind, TableReference table, bool ifExists, int position)
    {
        Expect(K.Rename);
        var memberPosition = Position;
        if (Accept(K.To))
            return new RenameStatement(Reference(kind, table.Name), kind, ColumnId(), ifExists, DropBehavior.Restrict, position);
        if (kind is ObjectKind.Index or ObjectKind.Sequence or ObjectKind.Type) throw Error();

        var member = ObjectKind.Column;
        if (Accept(K.Constraint)) member = ObjectKind.Constraint;
        else Accept(K.Column);
        var name = new QualifiedName(null, null, ColumnId(), memberPosition);
        Expect(K.To);
        var reference = new ObjectReference(member, name, memberPosition) { Owner = table.Name };
        return new RenameStatement(reference, kind, ColumnId(), ifExists, DropBehavior.Restrict, position);
    }

    MoveTablespaceStatement MoveTablespace(ObjectKind kind, int position)
    {
        Expect(K.All, K.In);
        Expect(K.Tablespace);
        var from = ColumnId();
        ImmutableArray<RoleName> owners = [];
        if (Accept(K.Owned))
        {
            Expect(K.By);
            owners = List(Grammar.Roles.Role);
        }
        Expect(K.Set, K.Tablespace);
        var to = ColumnId();
        return new MoveTablespaceStatement(kind, from, owners, to, Accept(K.Nowait), position);
    }

    AlterTableAction Action()
    {
        var first = Tokens.Current;
        var position = Position;
        Advance();
        switch (first.Keyword)
        {
            case K.Add:
                return Add(position);
            case K.Drop:
                return Drop(position);
            case K.Alter when At(K.Constraint):
                return AlterConstraint(position);
            case K.Alter:
                return Grammar.AlterColumns.Alter(position);
            case K.Set:
                return Set(position);
            case K.Reset:
                return new AlterOptions(true, Grammar.Options.Definitions(), position);
            case K.Validate:
                Expect(K.Constraint);
                return new ValidateConstraint(ColumnId(), position);
            case K.Cluster:
                Expect(K.On);
                return new ClusterOn(ColumnId(), position);
            case K.Enable:
                return Enable(position);
            case K.Disable:
                if (Accept(K.Row)) return RowSecurity(false, false, position);
                return State(TriggerState.Disable, position);
            case K.Force:
                Expect(K.Row);
                return RowSecurity(true, true, position);
            case K.No when Accept(K.Force):
                Expect(K.Row);
                return RowSecurity(true, false, position);
            case K.No:
                Expect(K.Inherit);
                return new InheritTable(Name(), false, position);
            case K.Inherit:
                return new InheritTable(Name(), true, position);
            case K.Not:
                Expect(K.Of);
                return new SetOfType(null, position);
            case K.Of:
                var type = Name();
                return new SetOfType(new TypeName(type, [], type.Position), position);
            case K.Owner:
                Expect(K.To);
                return new ChangeOwner(Grammar.Roles.Role(), position);
            case K.Replica:
                Expect(K.Identity);
                return ReplicaIdentity(position);
            case K.Options:
                throw PgError.Unsupported("ALTER FOREIGN TABLE OPTIONS", position);
            default:
                throw Tokens.SyntaxError(first);
        }
    }

    AlterTableAction Add(int position)
    {
        if (Accept(K.Attribute))
        {
            var attribute = Grammar.Creates.Attribute();
            return new AddColumn(attribute, false, Behavior(), position);
        }
        if (Grammar.Constraints.AtTableConstraint) return new AddConstraint(Grammar.Constraints.OfTable(), position);
        Accept(K.Column);
        var ifNotExists = IfNotExists();
        return new AddColumn(Grammar.Tables.Column(), ifNotExists, DropBehavior.Restrict, position);
    }

    AlterTableAction Drop(int position)
    {
        var isConstraint = Accept(K.Constraint);
        if (!isConstraint && !Accept(K.Column)) Accept(K.Attribute);
        var ifExists = At(K.If, K.Exists) && IfExists();
        var name = ColumnId();
        return isConstraint ? new DropConstraint(name, ifExists, Behavior(), position) : new DropColumn(name, ifExists, Behavior(), position);
    }

    AlterConstraint AlterConstraint(int position)
    {
        Expect(K.Constraint);
        var name = ColumnId();
        var attributes = Grammar.Constraints.WithAttributes(new ForeignKeyConstraint(name, [], new QualifiedName(null, null, "", 0), [], position), "");
        return new AlterConstraint(name, attributes.IsDeferrable, attributes.IsInitiallyDeferred, position);
    }

    AlterTableAction Set(int position)
    {
        if (At(TokenKind.LeftParen)) return new AlterOptions(false, Grammar.Options.Definitions(), position);
        if (Accept(K.Logged)) return new SetPersistence(TablePersistence.Permanent, position);
        if (Accept(K.Unlogged)) return new SetPersistence(TablePersistence.Unlogged, position);
        if (Accept(K.Tablespace)) return new SetTablespace(ColumnId(), position);
        if (Accept(K.Access))
        {
            Expect(K.Method);
            return new SetAccessMethod(ColumnId(), position);
        }
        Expect(K.Without);
        if (Accept(K.Oids)) return new SetWithoutOids(position);
        Expect(K.Cluster);
        return new SetWithoutCluster(position);
    }

    AlterTableAction Enable(int position)
    {
        if (Accept(K.Row)) return RowSecurity(false, true, position);
        if (Accept(K.Always)) return State(TriggerState.EnableAlways, position);
        return State(Accept(K.Replica) ? TriggerState.EnableReplica : TriggerState.Enable, position);
    }

    SetRowSecurity RowSecurity(bool isForce, bool enable, int position)
    {
        Expect(K.Level, K.Security);
        return new SetRowSecurity(isForce, enable, position);
    }

    SetTriggerState State(TriggerState state, int position)
    {
        if (Accept(K.Rule)) return new SetTriggerState(state, true, ColumnId(), false, position);
        Expect(K.Trigger);
        if (Accept(K.All)) return new SetTriggerState(state, false, null, false, position);
        return Accept(K.User)
            ? new SetTriggerState(state, false, null, true, position)
            : new SetTriggerState(state, false, ColumnId(), false, position);
    }

    SetReplicaIdentity ReplicaIdentity(int position)
    {
        if (Accept(K.Nothing)) return new SetReplicaIdentity(Sql.ReplicaIdentity.Nothing, null, position);
        if (Accept(K.Full)) return new SetReplicaIdentity(Sql.ReplicaIdentity.Full, null, position);
        if (Accept(K.Default)) return new SetReplicaIdentity(Sql.ReplicaIdentity.Default, null, position);
        Expect(K.Using, K.Index);
        return new SetReplicaIdentity(Sql.ReplicaIdentity.Index, ColumnId(), position);
    }
}
