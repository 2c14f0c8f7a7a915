using PgVectorCompat.Vectors;

namespace PgVectorCompat.Indexes;

/// <summary>What an index is over and how it is built; fixed for its life and saved with it.</summary>
public sealed record VectorIndexOptions
{
    public required VectorElement Element { get; init; }

    /// <summary>Elements of a vector, bits of a bit string: 1 to 16,000 dense, up to 64,000 bits, up to 10⁹ sparse.</summary>
    public required int Dimensions { get; init; }

    public required Metric Metric { get; init; }

    public Quantization Quantization { get; init; } = Quantization.Auto;

    /// <summary>Bits a dimension of <see cref="Quantization.Rabitq"/>, 1 to 8.</summary>
    public int RabitqBits { get; init; } = 1;

    /// <summary>HNSW: neighbours of a node on upper levels, and half of those on the lowest, 2 to 100.</summary>
    public int M { get; init; } = 16;

    /// <summary>HNSW: candidates looked at for the neighbours of a new node, 4 to 1,000.</summary>
    public int EfConstruction { get; init; } = 64;

    /// <summary>IVFFlat: number of lists, 1 to 32,768.</summary>
    public int Lists { get; init; } = 100;

    /// <summary>Start of every random choice; with one worker the same seed and rows give the same index.</summary>
    public int Seed { get; init; } = 1;
}
