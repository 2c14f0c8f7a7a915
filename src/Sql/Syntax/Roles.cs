using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>A role as written.</summary>
/// <param name="Name">Empty unless <paramref name="Kind"/> is Named.</param>
public sealed record RoleName(RoleNameKind Kind, string Name, int Position) : Node(Position);

public enum RoleNameKind
{
    Named,
    Public,
    CurrentRole,
    CurrentUser,
    SessionUser,
}

/// <summary>CREATE ROLE, USER (adds LOGIN) or GROUP.</summary>
public sealed record CreateRoleStatement(string Name, bool IsUser, ImmutableArray<RoleOption> Options, int Position) : Statement(Position);

public sealed record AlterRoleStatement(RoleName Role, ImmutableArray<RoleOption> Options, int Position) : Statement(Position);

/// <summary>
/// One attribute: <c>superuser</c>, <c>inherit</c>, <c>createrole</c>, <c>createdb</c>, <c>login</c>, <c>replication</c>, <c>bypassrls</c>
/// with a flag; <c>password</c> and <c>validuntil</c> with a text (null password: none); <c>connectionlimit</c> with a number; <c>sysid</c>;
/// <c>inrole</c>, <c>role</c>, <c>admin</c> with roles.
/// </summary>
public sealed record RoleOption(string Name, bool Flag, string? Text, int Number, ImmutableArray<RoleName> Roles, int Position) : Node(Position);

/// <param name="Role">Null for ALL.</param>
/// <param name="Database">Null: in all.</param>
public sealed record AlterRoleSetStatement(RoleName? Role, string? Database, SetStatement Setting, int Position) : Statement(Position);

/// <summary><c>ALTER GROUP name ADD | DROP USER …</c></summary>
public sealed record AlterGroupStatement(RoleName Group, bool IsAdd, ImmutableArray<RoleName> Members, int Position) : Statement(Position);

public sealed record DropRoleStatement(ImmutableArray<RoleName> Roles, bool IfExists, int Position) : Statement(Position);

/// <summary>GRANT and REVOKE of privileges on objects.</summary>
/// <param name="Privileges">Empty: ALL.</param>
/// <param name="Objects">Of one kind; empty when <paramref name="AllInSchemas"/> is not.</param>
/// <param name="IsGrantOption">WITH GRANT OPTION, or GRANT OPTION FOR.</param>
public sealed record GrantStatement(
    bool IsGrant, ImmutableArray<Privilege> Privileges, ObjectKind Kind, ImmutableArray<ObjectReference> Objects,
    ImmutableArray<string> AllInSchemas, ImmutableArray<RoleName> Grantees, bool IsGrantOption, DropBehavior Behavior, int Position)
    : Statement(Position)
{
    public RoleName? GrantedBy { get; init; }
}

/// <param name="Name">Lower case: <c>select</c>, <c>insert</c>, <c>create</c>, …; <c>all</c> with columns.</param>
/// <param name="Columns">Empty: the whole object.</param>
public sealed record Privilege(string Name, ImmutableArray<string> Columns, int Position) : Node(Position);

/// <summary>GRANT and REVOKE of membership.</summary>
/// <param name="IsAdminOption">WITH ADMIN OPTION, or ADMIN OPTION FOR.</param>
public sealed record GrantRoleStatement(
    bool IsGrant, ImmutableArray<string> Roles, ImmutableArray<RoleName> Members, bool IsAdminOption, DropBehavior Behavior, int Position)
    : Statement(Position)
{
    public RoleName? GrantedBy { get; init; }
}

/// <param name="Grant">Its kind says which objects; it names none.</param>
public sealed record AlterDefaultPrivilegesStatement(
    ImmutableArray<RoleName> ForRoles, ImmutableArray<string> InSchemas, GrantStatement Grant, int Position) : Statement(Position);

public sealed record ReassignOwnedStatement(ImmutableArray<RoleName> Roles, RoleName NewOwner, int Position) : Statement(Position);

public sealed record DropOwnedStatement(ImmutableArray<RoleName> Roles, DropBehavior Behavior, int Position) : Statement(Position);
