namespace PgVectorCompat.Types;

// OIDs of the vector extensions' types are the first ones that PostgreSQL leaves to users; they are part of the catalog's file format.
public static partial class PgTypes
{
    public const uint VectorOid = 16385, VectorArrayOid = 16386;
    public const uint HalfVecOid = 16387, HalfVecArrayOid = 16388;
    public const uint SparseVecOid = 16389, SparseVecArrayOid = 16390;
    public const uint RuVectorOid = 16391, RuVectorArrayOid = 16392;
}
