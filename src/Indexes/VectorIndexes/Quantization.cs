namespace PgVectorCompat.Indexes;

/// <summary>What an index keeps of each vector; the vectors themselves stay in the table and decide the final order.</summary>
public enum Quantization
{
    /// <summary>The index chooses: <see cref="Sq4"/> for dense vectors (few dimensions: <see cref="Sq8"/>, fewer: none), the bits of bit strings, the elements of sparse vectors.</summary>
    Auto,

    /// <summary>The vector as it is.</summary>
    None,

    /// <summary>Half precision, two bytes a dimension.</summary>
    F16,

    /// <summary>One byte a dimension.</summary>
    Sq8,

    /// <summary>Half a byte a dimension, after a rotation.</summary>
    Sq4,

    /// <summary>One byte for four dimensions: a sixteenth of a float32 vector.</summary>
    Pq16,

    /// <summary>The sign of each dimension, after a rotation; of bit strings the bits.</summary>
    Binary,

    /// <summary>RaBitQ with <see cref="VectorIndexOptions.RabitqBits"/> bits a dimension.</summary>
    Rabitq,
}
