namespace PgVectorCompat.Types;

// OIDs of the vector extensions' types are the first ones that PostgreSQL leaves to users; they are part of the catalog's file format.
public static partial class PgTypes
{
    public const uint VectorOid = 16385, VectorArrayOid = 16386;
    public const uint HalfVecOid = 16387, HalfVecArrayOid = 16388;
    public const uint SparseVecOid = 16389, SparseVecArrayOid = 16390;
    public const uint RuVectorOid = 16391, RuVectorArrayOid = 16392;

    public static readonly PgType Vector = DefineDense(VectorOid, VectorArrayOid, "vector");
    public static readonly PgType HalfVec = Define(HalfVecOid, HalfVecArrayOid, "halfvec", -1, TypeCategory.User, new HalfVecCodec(), storage: 'e',
        modifier: new DimensionModifier(VectorLimits.MaxDimensions, value => value.As<Half[]>().Length));
    public static readonly PgType SparseVec = Define(SparseVecOid, SparseVecArrayOid, "sparsevec", -1, TypeCategory.User, new SparseVecCodec(), storage: 'e',
        modifier: new DimensionModifier(VectorLimits.MaxSparseDimensions, value => value.As<SparseVector>().Dimensions));
    public static readonly PgType RuVector = DefineDense(RuVectorOid, RuVectorArrayOid, "ruvector");

    /// <summary>vector, or ruvector, which is the same under its own name.</summary>
    static PgType DefineDense(uint oid, uint arrayOid, string name)
        => Define(oid, arrayOid, name, -1, TypeCategory.User, new VectorCodec(name), storage: 'e',
            modifier: new DimensionModifier(VectorLimits.MaxDimensions, value => value.As<float[]>().Length));
}
