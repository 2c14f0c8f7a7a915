using System.Text;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Privileges, with PostgreSQL's bits; their letters in this order are <c>arwdDxtXUCTcsA</c>.</summary>
[Flags]
public enum Rights
{
    None = 0,
    Insert = 1 << 0,
    Select = 1 << 1,
    Update = 1 << 2,
    Delete = 1 << 3,
    Truncate = 1 << 4,
    References = 1 << 5,
    Trigger = 1 << 6,
    Execute = 1 << 7,
    Usage = 1 << 8,
    Create = 1 << 9,
    Temporary = 1 << 10,
    Connect = 1 << 11,
    Set = 1 << 12,
    AlterSystem = 1 << 13,
    AllOnTable = Insert | Select | Update | Delete | Truncate | References | Trigger,
    AllOnColumn = Insert | Select | Update | References,
    AllOnSequence = Select | Update | Usage,
    AllOnDatabase = Create | Temporary | Connect,
    AllOnSchema = Usage | Create,
}

/// <summary>What one grantor gave one grantee on one object.</summary>
/// <param name="Grantee">A role; <see cref="Public"/> for everybody.</param>
/// <param name="GrantOptions">Those of <paramref name="Rights"/> that may be granted on.</param>
public readonly record struct AclItem(uint Grantee, uint Grantor, Rights Rights, Rights GrantOptions = Rights.None)
{
    /// <summary>The grantee PUBLIC.</summary>
    public const uint Public = 0;

    const string Letters = "arwdDxtXUCTcsA";

    /// <summary>aclitem's text form, <c>bob=r*w/postgres</c>.</summary>
    public string ToText(SharedObjects shared)
    {
        var text = new StringBuilder();
        if (Grantee != Public)
            text.Append(RoleText(shared, Grantee));
        text.Append('=');
        for (var bit = 0; bit < Letters.Length; bit++)
        {
            if (((int)Rights & (1 << bit)) == 0)
                continue;
            text.Append(Letters[bit]);
            if (((int)GrantOptions & (1 << bit)) != 0)
                text.Append('*');
        }
        return text.Append('/').Append(RoleText(shared, Grantor)).ToString();
    }

    static string RoleText(SharedObjects shared, uint role)
        => shared.FindRole(role) is { } found ? Identifier.Quote(found.Name) : role.ToString();

    /// <summary>The privileges of an object nothing was granted on, as acldefault() gives them.</summary>
    public static AclItem[] Defaults(CatalogObject target) => target switch
    {
        SequenceDefinition => [new(target.Owner, target.Owner, Rights.AllOnSequence)],
        Relation or IndexDefinition => [new(target.Owner, target.Owner, Rights.AllOnTable)],
        SchemaDefinition => [new(target.Owner, target.Owner, Rights.AllOnSchema)],
        DatabaseDefinition => [new(Public, target.Owner, Rights.Temporary | Rights.Connect), new(target.Owner, target.Owner, Rights.AllOnDatabase)],
        TypeDefinition => [new(Public, target.Owner, Rights.Usage), new(target.Owner, target.Owner, Rights.Usage)],
        _ => [new(target.Owner, target.Owner, Rights.None)],
    };
}
