namespace PgVectorCompat.Vectors;

/// <summary>How the bytes of a stored vector are to be read.</summary>
public enum VectorElement
{
    /// <summary>Little-endian float32, one per dimension.</summary>
    Float32,

    /// <summary>Little-endian binary16, one per dimension.</summary>
    Float16,

    /// <summary>Bits packed eight to a byte, zeros after the last.</summary>
    Bit,

    /// <summary>Dimensions (int32), ascending indices from 0 (int32), as many values (float32), all little-endian; the length gives the count.</summary>
    Sparse,
}
