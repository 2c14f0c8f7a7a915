using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>ALTER, by what is altered.</summary>
sealed class AlterRules(Grammar grammar) : Rules(grammar)
{
    public Statement Alter()
    {
        var position = Expect(K.Alter);
        if (At(K.Default)) return Grammar.Grants.AlterDefault(position);
        if (At(K.System)) return System(position);
        if (AtAny(K.Role, K.User, K.Group) && !NextIs(K.Mapping)) return Grammar.Roles.Alter(position);

        var word = Tokens.Index;
        var kind = Grammar.Objects.Kind();
        switch (kind)
        {
            case ObjectKind.Table or ObjectKind.Index or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Sequence
                or ObjectKind.ForeignTable:
                return Grammar.AlterTables.Alter(kind, position);
            case ObjectKind.Type:
                return Type(position);
            case ObjectKind.Domain:
                return Domain(position);
            case ObjectKind.Database:
                return Database(position);
            case ObjectKind.Extension:
                return Extension(position);
        }
        if (kind is ObjectKind.Parameter or ObjectKind.Cast or ObjectKind.Column or ObjectKind.Constraint) throw Error();
        if (kind == ObjectKind.UserMapping) return Unread();

        var reference = Grammar.Objects.Reference(kind);
        if (Common(reference, position) is { } common) return common;
        if (kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine) return Grammar.Functions.Alter(reference, position);
        if (kind == ObjectKind.Collation && Accept(K.Refresh))
        {
            Expect(K.Version);
            return new RefreshCollationVersionStatement(reference, position);
        }
        if (kind is ObjectKind.Aggregate or ObjectKind.Schema or ObjectKind.Conversion or ObjectKind.OperatorClass or ObjectKind.Language
            or ObjectKind.Rule or ObjectKind.LargeObject)
            throw Error();
        return Unread();

        UnsupportedStatement Unread()
        {
            Tokens.Rewind(word);
            return Grammar.Unsupported.Alter(position);
        }
    }

    /// <summary>RENAME TO, OWNER TO, SET SCHEMA, DEPENDS ON EXTENSION; null when something else follows.</summary>
    Statement? Common(ObjectReference reference, int position)
    {
        if (Accept(K.Rename))
        {
            Expect(K.To);
            return new RenameStatement(reference, reference.Kind, ColumnId(), false, DropBehavior.Restrict, position);
        }
        if (Accept(K.Owner))
        {
            Expect(K.To);
            return new AlterOwnerStatement(reference, Grammar.Roles.Role(), position);
        }
        if (At(K.Set, K.Schema))
        {
            Advance();
            Advance();
            return new AlterSchemaStatement(reference, ColumnId(), false, position);
        }
        return At(K.Depends) || At(K.No, K.Depends) ? Depends(reference, position) : null;
    }

    /// <summary><c>[NO] DEPENDS ON EXTENSION name</c></summary>
    public AlterDependsStatement Depends(ObjectReference reference, int position)
    {
        var isRemove = Accept(K.No);
        Expect(K.Depends, K.On);
        Expect(K.Extension);
        return new AlterDependsStatement(reference, ColumnId(), isRemove, position);
    }

    AlterSystemStatement System(int position)
    {
        Expect(K.System);
        return new AlterSystemStatement(Grammar.Settings.SetOrReset(), position);
    }

    Statement Type(int position)
    {
        var mark = Tokens.Index;
        var name = Name();
        if (Accept(K.Add, K.Value)) return AddValue(name, position);
        if (Accept(K.Rename, K.Value))
        {
            var label = StringLiteral();
            Expect(K.To);
            return new RenameEnumValueStatement(name, label, StringLiteral(), position);
        }
        if (Accept(K.Rename, K.Attribute))
        {
            var attribute = new ObjectReference(ObjectKind.Column, new QualifiedName(null, null, ColumnId(), position), position) { Owner = name };
            Expect(K.To);
            var newName = ColumnId();
            return new RenameStatement(attribute, ObjectKind.Type, newName, false, Behavior(), position);
        }

        var reference = new ObjectReference(ObjectKind.Type, name, name.Position) { Type = new TypeName(name, [], name.Position) };
        if (Common(reference, position) is { } common) return common;
        if (At(K.Set) && NextIs(TokenKind.LeftParen)) return Grammar.Unsupported.Rest("ALTER TYPE SET", position);
        Tokens.Rewind(mark);
        return Grammar.AlterTables.Alter(ObjectKind.Type, position);
    }

    AddEnumValueStatement AddValue(QualifiedName name, int position)
    {
        var ifNotExists = IfNotExists();
        var label = StringLiteral();
        var isAfter = Accept(K.After);
        var neighbor = isAfter || Accept(K.Before) ? StringLiteral() : null;
        return new AddEnumValueStatement(name, label, ifNotExists, neighbor, isAfter, position);
    }

    Statement Domain(int position)
    {
        var name = Name();
        var action = Position;
        if (Accept(K.Rename, K.Constraint))
        {
            var member = new QualifiedName(null, null, ColumnId(), action);
            var constraint = new ObjectReference(ObjectKind.DomainConstraint, member, action) { Owner = name };
            Expect(K.To);
            return new RenameStatement(constraint, ObjectKind.Domain, ColumnId(), false, DropBehavior.Restrict, position);
        }
        var reference = new ObjectReference(ObjectKind.Domain, name, name.Position) { Type = new TypeName(name, [], name.Position) };
        return Common(reference, position) ?? new AlterDomainStatement(name, DomainAction(action), position);
    }

    AlterTableAction DomainAction(int position)
    {
        if (Accept(K.Add)) return new AddConstraint(Grammar.Constraints.OfTable(), position);
        if (Accept(K.Validate))
        {
            Expect(K.Constraint);
            return new ValidateConstraint(ColumnId(), position);
        }
        var isDrop = Accept(K.Drop);
        if (!isDrop) Expect(K.Set);
        if (Accept(K.Not))
        {
            Expect(K.Null);
            return new AlterColumnNotNull("", !isDrop, position);
        }
        if (isDrop && Accept(K.Constraint))
        {
            var ifExists = IfExists();
            return new DropConstraint(ColumnId(), ifExists, Behavior(), position);
        }
        Expect(K.Default);
        return new AlterColumnDefault("", isDrop ? null : Grammar.Expressions.Expression(), position);
    }

    Statement Database(int position)
    {
        var namePosition = Position;
        var name = ColumnId();
        var reference = new ObjectReference(ObjectKind.Database, new QualifiedName(null, null, name, namePosition), namePosition);
        if (Common(reference, position) is { } common) return common;
        if (Accept(K.Refresh))
        {
            Expect(K.Collation, K.Version);
            return new RefreshCollationVersionStatement(reference, position);
        }
        if (At(K.Set, K.Tablespace))
        {
            var optionPosition = Position;
            Advance();
            Advance();
            return new AlterDatabaseStatement(name, [OptionRules.Text("tablespace", ColumnId(), optionPosition)], position);
        }
        if (AtAny(K.Set, K.Reset)) return new AlterDatabaseSetStatement(name, Grammar.Settings.SetOrReset(), position);
        Accept(K.With);
        return new AlterDatabaseStatement(name, Grammar.Creates.DatabaseOptions(), position);
    }

    Statement Extension(int position)
    {
        var namePosition = Position;
        var name = ColumnId();
        if (Accept(K.Update))
        {
            var version = Accept(K.To) ? NonReservedWordOrString() : null;
            return new AlterExtensionUpdateStatement(name, version, position);
        }
        if (Accept(K.Set))
        {
            Expect(K.Schema);
            var reference = new ObjectReference(ObjectKind.Extension, new QualifiedName(null, null, name, namePosition), namePosition);
            return new AlterSchemaStatement(reference, ColumnId(), false, position);
        }
        var isAdd = Accept(K.Add);
        if (!isAdd) Expect(K.Drop);
        return new AlterExtensionContentsStatement(name, isAdd, Grammar.Objects.Reference(Grammar.Objects.Kind()), position);
    }
}
