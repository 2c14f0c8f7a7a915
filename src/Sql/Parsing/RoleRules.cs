using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Roles: CREATE, ALTER, membership by option, what they own.</summary>
sealed class RoleRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>A role by name or by word.</summary>
    public RoleName Role()
    {
        var position = Position;
        if (Accept(K.CurrentRole)) return new RoleName(RoleNameKind.CurrentRole, "", position);
        if (Accept(K.CurrentUser)) return new RoleName(RoleNameKind.CurrentUser, "", position);
        if (Accept(K.SessionUser)) return new RoleName(RoleNameKind.SessionUser, "", position);
        var name = NonReservedWord();
        return name switch
        {
            "public" => new RoleName(RoleNameKind.Public, "", position),
            "none" => throw Reserved(name, position),
            _ => new RoleName(RoleNameKind.Named, name, position),
        };
    }

    static PgError Reserved(string name, int position)
        => new(SqlState.ReservedName, $"role name \"{name}\" is reserved") { Position = position };

    /// <summary>A role's own name, no word for one.</summary>
    string NewName()
    {
        var role = Role();
        return role.Kind switch
        {
            RoleNameKind.Named => role.Name,
            RoleNameKind.Public => throw Reserved("public", role.Position),
            RoleNameKind.CurrentRole => throw NotHere("CURRENT_ROLE", role.Position),
            RoleNameKind.CurrentUser => throw NotHere("CURRENT_USER", role.Position),
            _ => throw NotHere("SESSION_USER", role.Position),
        };
    }

    static PgError NotHere(string word, int position)
        => new(SqlState.ReservedName, $"{word} cannot be used as a role name here") { Position = position };

    public CreateRoleStatement Create(int position)
    {
        var isUser = At(K.User);
        Advance();
        var name = NewName();
        Accept(K.With);
        return new CreateRoleStatement(name, isUser, Options(isCreate: true), position);
    }

    ImmutableArray<RoleOption> Options(bool isCreate)
    {
        var options = ImmutableArray.CreateBuilder<RoleOption>();
        while (OptionalOption(isCreate) is { } option)
            options.Add(option);
        return options.DrainToImmutable();
    }

    RoleOption? OptionalOption(bool isCreate)
    {
        var position = Position;
        switch (Tokens.Current.Keyword)
        {
            case K.Encrypted or K.Password:
                var mayBeNull = !Accept(K.Encrypted);
                Expect(K.Password);
                return Of("password", text: mayBeNull && Accept(K.Null) ? null : StringLiteral());
            case K.Unencrypted:
                throw new PgError(SqlState.FeatureNotSupported, "UNENCRYPTED PASSWORD is no longer supported")
                {
                    Hint = "Remove UNENCRYPTED to store the password in encrypted form instead.",
                    Position = position,
                };
            case K.Inherit:
                Advance();
                return Of("inherit");
            case K.Connection:
                Advance();
                Expect(K.Limit);
                return Of("connectionlimit", number: SignedInteger());
            case K.Valid:
                Advance();
                Expect(K.Until);
                return Of("validuntil", text: StringLiteral());
            case K.User or K.Role when isCreate || At(K.User):
                Advance();
                return Of("role", roles: List(Role));
            case K.Sysid when isCreate:
                Advance();
                return Of("sysid", number: IntegerLiteral());
            case K.Admin when isCreate:
                Advance();
                return Of("admin", roles: List(Role));
            case K.In when isCreate:
                Advance();
                if (!Accept(K.Role)) Expect(K.Group);
                return Of("inrole", roles: List(Role));
        }
        if (!At(TokenKind.Identifier)) return null;

        var word = TakeName();
        var isNegated = word.StartsWith("no", StringComparison.Ordinal);
        var name = isNegated ? word[2..] : word;
        return name is "superuser" or "createrole" or "createdb" or "login" or "replication" or "bypassrls" || word == "noinherit"
            ? Of(name, flag: !isNegated)
            : throw PgError.Syntax($"unrecognized role option \"{word}\"", position);

        RoleOption Of(string name, bool flag = true, string? text = null, int number = 0, ImmutableArray<RoleName> roles = default)
            => new(name, flag, text, number, roles.IsDefault ? [] : roles, position);
    }

    /// <summary>The rest of ALTER, from ROLE, USER or GROUP.</summary>
    public Statement Alter(int position)
    {
        var isGroup = At(K.Group);
        Advance();
        if (!isGroup && Accept(K.All)) return Setting(null, position);

        var role = Role();
        if (Accept(K.Rename))
        {
            Expect(K.To);
            var reference = new ObjectReference(ObjectKind.Role, new QualifiedName(null, null, role.Name, role.Position), role.Position);
            return new RenameStatement(reference, ObjectKind.Role, NewName(), false, DropBehavior.Restrict, position);
        }
        if (isGroup)
        {
            var isAdd = Accept(K.Add);
            if (!isAdd) Expect(K.Drop);
            Expect(K.User);
            return new AlterGroupStatement(role, isAdd, List(Role), position);
        }
        if (AtAny(K.In, K.Set, K.Reset)) return Setting(role, position);
        Accept(K.With);
        return new AlterRoleStatement(role, Options(isCreate: false), position);
    }

    AlterRoleSetStatement Setting(RoleName? role, int position)
    {
        string? database = null;
        if (Accept(K.In))
        {
            Expect(K.Database);
            database = ColumnId();
        }
        return new AlterRoleSetStatement(role, database, Grammar.Settings.SetOrReset(), position);
    }

    /// <summary>The rest of DROP OWNED.</summary>
    public DropOwnedStatement DropOwned(int position)
    {
        Expect(K.Owned, K.By);
        var roles = List(Role);
        return new DropOwnedStatement(roles, Behavior(), position);
    }

    public ReassignOwnedStatement ReassignOwned()
    {
        var position = Expect(K.Reassign);
        Expect(K.Owned, K.By);
        var roles = List(Role);
        Expect(K.To);
        return new ReassignOwnedStatement(roles, Role(), position);
    }
}
