using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Makes the <see cref="PgType"/> of what CREATE TYPE, CREATE DOMAIN and CREATE TABLE define, with its array type.</summary>
static class UserTypeFactory
{
    /// <summary>The type of an enum or domain. A composite type is made from its relation.</summary>
    public static PgType Make(TypeDefinition definition)
    {
        var type = definition.Kind switch
        {
            TypeKind.Enum => new PgType
            {
                Oid = definition.Oid,
                Name = definition.Name,
                DisplayName = Identifier.Quote(definition.Name),
                Length = 4,
                Kind = TypeKind.Enum,
                Category = TypeCategory.Enum,
                Codec = new EnumCodec(definition.Name, definition.Labels),
            },
            TypeKind.Domain => Domain(definition, definition.BaseType!),
            _ => throw new ArgumentException($"{definition.Kind} types have no definition of their own"),
        };
        return WithArray(type, definition.ArrayTypeOid);
    }

    /// <summary>The row type of a relation.</summary>
    public static PgType Make(Relation relation)
    {
        var type = new PgType
        {
            Oid = relation.RowTypeOid,
            Name = relation.Name,
            DisplayName = Identifier.Quote(relation.Name),
            Length = -1,
            Kind = TypeKind.Composite,
            Category = TypeCategory.Composite,
            Alignment = 'd',
            Storage = 'x',
            Codec = new RecordCodec(relation.LiveColumns.Select(column => new RecordField(column.Name, column.Type, column.Typmod)).ToImmutableArray()),
        };
        return WithArray(type, relation.RowArrayTypeOid);
    }

    // A domain's values are its base type's; what it forbids is checked by the cast to it.
    static PgType Domain(TypeDefinition definition, PgType baseType) => new()
    {
        Oid = definition.Oid,
        Name = definition.Name,
        DisplayName = Identifier.Quote(definition.Name),
        Length = baseType.Length,
        Kind = TypeKind.Domain,
        Category = baseType.Category,
        Delimiter = baseType.Delimiter,
        Alignment = baseType.Alignment,
        Storage = baseType.Storage,
        BaseType = baseType,
        Codec = baseType.Codec,
        Modifier = baseType.Modifier,
        IsCollatable = baseType.IsCollatable,
    };

    static PgType WithArray(PgType type, uint arrayOid)
    {
        if (arrayOid != 0)
            PgTypes.MakeArray(arrayOid, Identifier.Truncate("_" + type.Name), type);
        return type;
    }
}
