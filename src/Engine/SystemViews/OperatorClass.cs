using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>An operator class: what an index of one access method may be over, and by which order. pg_opclass and its family.</summary>
/// <param name="IsDefault">Whether it is what an index on its type uses when none is named.</param>
/// <param name="Extension">The extension it belongs to; null for core ones.</param>
public sealed record OperatorClass(uint Oid, uint FamilyOid, string Name, string Family, PgType Type, bool IsDefault = true, string? Extension = null)
{
    /// <summary>The access method's name in pg_am.</summary>
    public string Method { get; init; } = AccessMethods.BtreeName;

    /// <summary>The operator whose distances an index of this class finds in order; null for B-tree classes.</summary>
    public string? Distance { get; init; }

    public bool IsDefaultFor(PgType type) => IsDefault && Accepts(type);

    public bool Accepts(PgType type)
    {
        if (type.Kind == TypeKind.Domain)
            return Accepts(type.BaseType!);
        if (type == Type || (Type == PgTypes.AnyArray && type.IsArray) || (Type == PgTypes.AnyEnum && type.Kind == TypeKind.Enum) || (Type == PgTypes.Record && type.Kind == TypeKind.Composite))
            return true;
        // Binary coercible: varchar to text, and varbit to bit.
        return (Type == PgTypes.Text && type == PgTypes.Varchar) || (Distance is not null && Type == PgTypes.Bit && type == PgTypes.Varbit);
    }
}

/// <summary>The operator classes of all access methods.</summary>
public static class OperatorClasses
{
    public static readonly IReadOnlyList<OperatorClass> All = [.. BtreeClasses.All, .. VectorClasses.All];

    public static OperatorClass? Find(string method, string name) => All.FirstOrDefault(operatorClass => operatorClass.Method == method && operatorClass.Name == name);

    /// <summary>The class an index on this type uses when none is named; null when there is none.</summary>
    public static OperatorClass? DefaultFor(string method, PgType type) => All.FirstOrDefault(operatorClass => operatorClass.Method == method && operatorClass.IsDefaultFor(type));
}
