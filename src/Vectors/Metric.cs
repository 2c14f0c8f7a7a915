namespace PgVectorCompat.Vectors;

/// <summary>The distances of pgvector's operators; the last two are between bit strings.</summary>
public enum Metric
{
    /// <summary><c>&lt;-&gt;</c></summary>
    L2,

    /// <summary><c>&lt;#&gt;</c>, the inner product negated.</summary>
    InnerProduct,

    /// <summary><c>&lt;=&gt;</c></summary>
    Cosine,

    /// <summary><c>&lt;+&gt;</c></summary>
    L1,

    /// <summary><c>&lt;~&gt;</c></summary>
    Hamming,

    /// <summary><c>&lt;%&gt;</c></summary>
    Jaccard,
}
