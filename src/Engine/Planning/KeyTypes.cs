using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Which pairs of types may meet in one hash table.</summary>
static class KeyTypes
{
    /// <summary>Whether PostgreSQL could hash or merge equal values; FULL JOIN is refused where it could not. pgvector's operators say no.</summary>
    public static bool CanFullJoin(PgType type) => type != PgTypes.Vector && type != PgTypes.HalfVec && type != PgTypes.SparseVec && type != PgTypes.RuVector;

    /// <summary>Whether equal values of both types have the same hash and the right type's codec compares them.</summary>
    public static bool CanHash(PgType left, PgType right)
        => left == right || (left.Codec, right.Codec) switch
        {
            (IntegerCodec, IntegerCodec) => true,
            (Float4Codec or Float8Codec, Float4Codec or Float8Codec) => true,
            _ => left.Codec.GetType() == right.Codec.GetType() && left.Category == TypeCategory.String && right.Category == TypeCategory.String,
        };
}
