using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>GRANT, REVOKE, ALTER DEFAULT PRIVILEGES.</summary>
sealed class GrantRules(Grammar grammar) : Rules(grammar)
{
    public Statement Grant()
    {
        var position = Expect(K.Grant);
        var privileges = Privileges();
        if (!At(K.On)) return GrantRole(privileges, position);

        var (kind, objects, schemas) = Targets();
        Expect(K.To);
        var grantees = List(Grantee);
        var withOption = Accept(K.With, K.Grant);
        if (withOption) Expect(K.Option);
        return new GrantStatement(true, privileges, kind, objects, schemas, grantees, withOption, DropBehavior.Restrict, position)
        {
            GrantedBy = OptionalGrantedBy(),
        };
    }

    GrantRoleStatement GrantRole(ImmutableArray<Privilege> roles, int position)
    {
        var names = RolesOf(roles);
        Expect(K.To);
        var members = List(Grammar.Roles.Role);
        var withAdmin = Accept(K.With);
        if (withAdmin) Expect(K.Admin, K.Option);
        return new GrantRoleStatement(true, names, members, withAdmin, DropBehavior.Restrict, position) { GrantedBy = OptionalGrantedBy() };
    }

    public Statement Revoke()
    {
        var position = Expect(K.Revoke);
        var isAdminOption = Accept(K.Admin, K.Option);
        var isGrantOption = !isAdminOption && Accept(K.Grant, K.Option);
        if (isAdminOption || isGrantOption) Expect(K.For);
        var privileges = Privileges();
        if (isAdminOption || (!isGrantOption && !At(K.On))) return RevokeRole(privileges, isAdminOption, position);

        var (kind, objects, schemas) = Targets();
        Expect(K.From);
        var grantees = List(Grantee);
        var grantedBy = OptionalGrantedBy();
        return new GrantStatement(false, privileges, kind, objects, schemas, grantees, isGrantOption, Behavior(), position)
        {
            GrantedBy = grantedBy,
        };
    }

    GrantRoleStatement RevokeRole(ImmutableArray<Privilege> roles, bool isAdminOption, int position)
    {
        var names = RolesOf(roles);
        Expect(K.From);
        var members = List(Grammar.Roles.Role);
        var grantedBy = OptionalGrantedBy();
        return new GrantRoleStatement(false, names, members, isAdminOption, Behavior(), position) { GrantedBy = grantedBy };
    }

    // The names of roles look like privileges until ON, TO or FROM.
    ImmutableArray<string> RolesOf(ImmutableArray<Privilege> privileges)
        => privileges.Length == 0 || privileges.Any(p => p.Columns.Length > 0) ? throw Error() : [.. privileges.Select(p => p.Name)];

    RoleName? OptionalGrantedBy()
    {
        if (!Accept(K.Granted)) return null;
        Expect(K.By);
        return Grammar.Roles.Role();
    }

    RoleName Grantee()
    {
        if (At(K.Group) && !NextIs(TokenKind.Comma) && !NextIs(TokenKind.End)) Advance();
        return Grammar.Roles.Role();
    }

    ImmutableArray<Privilege> Privileges()
    {
        var position = Position;
        if (!Accept(K.All)) return List(Privilege);
        Accept(K.Privileges);
        return At(TokenKind.LeftParen) ? [new Privilege("all", NamesInParens(), position)] : [];
    }

    Privilege Privilege()
    {
        var position = Position;
        if (Accept(K.Alter, K.System)) return new Privilege("alter system", [], position);
        var name = AtAny(K.Select, K.References, K.Create) ? TakeName() : ColumnId();
        return new Privilege(name, OptionalNamesInParens(), position);
    }

    (ObjectKind Kind, ImmutableArray<ObjectReference> Objects, ImmutableArray<string> Schemas) Targets()
    {
        Expect(K.On);
        if (Accept(K.All))
        {
            var all = Tokens.Current.Keyword switch
            {
                K.Tables => ObjectKind.Table,
                K.Sequences => ObjectKind.Sequence,
                K.Functions => ObjectKind.Function,
                K.Procedures => ObjectKind.Procedure,
                K.Routines => ObjectKind.Routine,
                _ => throw Error(),
            };
            Advance();
            Expect(K.In, K.Schema);
            return (all, [], List(ColumnId));
        }

        // A word of a kind alone is a table of that name.
        var isKind = !NextIs(TokenKind.Comma) && !NextIs(K.To) && !NextIs(K.From) && !NextIs(TokenKind.Dot);
        var kind = isKind ? Grammar.Objects.OptionalKind() ?? ObjectKind.Table : ObjectKind.Table;
        return (kind, List(() => kind is ObjectKind.Parameter ? Parameter() : Grammar.Objects.Reference(kind)), []);
    }

    ObjectReference Parameter()
    {
        var position = Position;
        var name = ColumnId();
        while (Accept(TokenKind.Dot))
            name += "." + ColumnId();
        return new ObjectReference(ObjectKind.Parameter, new QualifiedName(null, null, name, position), position);
    }

    /// <summary>The rest of ALTER DEFAULT PRIVILEGES, from DEFAULT.</summary>
    public AlterDefaultPrivilegesStatement AlterDefault(int position)
    {
        Expect(K.Default, K.Privileges);
        ImmutableArray<RoleName> roles = [];
        ImmutableArray<string> schemas = [];
        while (!AtAny(K.Grant, K.Revoke))
        {
            if (Accept(K.In))
            {
                Expect(K.Schema);
                schemas = List(ColumnId);
                continue;
            }
            Expect(K.For);
            if (!Accept(K.Role)) Expect(K.User);
            roles = List(Grammar.Roles.Role);
        }

        var grantPosition = Position;
        var isGrant = Accept(K.Grant);
        if (!isGrant) Expect(K.Revoke);
        var isGrantOption = !isGrant && Accept(K.Grant, K.Option);
        if (isGrantOption) Expect(K.For);
        var privileges = Privileges();
        Expect(K.On);
        var kind = DefaultKind();
        Expect(isGrant ? K.To : K.From);
        var grantees = List(Grantee);
        if (isGrant && Accept(K.With))
        {
            Expect(K.Grant, K.Option);
            isGrantOption = true;
        }
        var behavior = isGrant ? DropBehavior.Restrict : Behavior();
        var grant = new GrantStatement(isGrant, privileges, kind, [], [], grantees, isGrantOption, behavior, grantPosition);
        return new AlterDefaultPrivilegesStatement(roles, schemas, grant, position);
    }

    ObjectKind DefaultKind()
    {
        var kind = Tokens.Current.Keyword switch
        {
            K.Tables => ObjectKind.Table,
            K.Sequences => ObjectKind.Sequence,
            K.Functions or K.Routines => ObjectKind.Function,
            K.Types => ObjectKind.Type,
            K.Schemas => ObjectKind.Schema,
            _ => throw Error(),
        };
        Advance();
        return kind;
    }
}
