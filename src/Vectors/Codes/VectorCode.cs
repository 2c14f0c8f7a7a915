namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// How vectors are kept in an index: codes of a fixed size, and queries that measure distances to them. Trained once, then immutable and
/// safe for use from many threads. Graph and lists know codes only through this class.
/// </summary>
/// <remarks>
/// A code is <see cref="CodeBytes"/> bytes, aligned to 4, followed by <see cref="Overread"/> readable bytes. A new kind derives from
/// <see cref="VectorCode{TQuery}"/>.
/// </remarks>
public abstract unsafe class VectorCode : IDisposable
{
    /// <summary>How many bytes after a code (or a prepared query) kernels may read, so that whole registers can be loaded.</summary>
    public const int Overread = 64;

    /// <summary>Bytes of a code: a multiple of 4.</summary>
    public abstract int CodeBytes { get; }

    /// <summary>Bytes that a prepared query needs besides its struct; memory for it is aligned to 64.</summary>
    public abstract int QueryBytes { get; }

    /// <summary>
    /// Encodes a vector given by its stored bytes. False when the metric cannot order it (the zero vector under cosine distance); nothing is
    /// written then.
    /// </summary>
    public abstract bool TryEncode(ReadOnlySpan<byte> value, byte* code);

    /// <summary>
    /// Encodes a vector x, and says how far x̂, of which distances are computed, is from it: ‖x − x̂‖ (of x of length one under cosine distance). Zero
    /// for codes that hold the vector itself.
    /// </summary>
    public virtual bool TryEncode(ReadOnlySpan<byte> value, byte* code, out float error)
    {
        error = 0;
        return TryEncode(value, code);
    }

    /// <summary>How many nearest codes to measure exactly so that the nearest k vectors are among them as a rule; at least k.</summary>
    public abstract int RerankWidth(int k);

    /// <summary>Bytes held outside codes (rotations, code books, arenas).</summary>
    public virtual long StateBytes => 0;

    /// <summary>Whether codes only point to what they stand for, which then has to be saved, compared and freed apart.</summary>
    public virtual bool IsVariable => false;

    /// <summary>What is to be kept of a code in a snapshot, and what makes two codes equal: the code itself unless it points elsewhere.</summary>
    public virtual ReadOnlySpan<byte> Stored(byte* code) => new(code, CodeBytes);

    /// <summary>Makes a code of what <see cref="Stored"/> gave.</summary>
    public virtual void Restore(ReadOnlySpan<byte> stored, byte* code) => stored[..CodeBytes].CopyTo(new(code, CodeBytes));

    /// <summary>Frees what a code points to; nobody reads it any more.</summary>
    public virtual void Release(byte* code) { }

    /// <summary>Writes what training found; read back by the static <c>Load</c> of each kind.</summary>
    public abstract void Save(BinaryWriter writer);

    /// <summary>Calls <paramref name="user"/> with the kind of query these codes have.</summary>
    public abstract TResult Use<TResult>(ICodeUser<TResult> user);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>Codes with their kind of query.</summary>
public abstract unsafe class VectorCode<TQuery> : VectorCode where TQuery : unmanaged, ICodeQuery
{
    /// <summary>Makes a query ready. A query that the metric cannot order gives a struct that finds everything equally far.</summary>
    /// <param name="value">The stored form of a vector.</param>
    /// <param name="memory"><see cref="VectorCode.QueryBytes"/> bytes that live as long as the query is used.</param>
    public abstract TQuery Prepare(ReadOnlySpan<byte> value, byte* memory);

    /// <summary>
    /// How far from a query q is what <see cref="Prepare(ReadOnlySpan{byte}, byte*)"/> makes of it, and the length of q, both as distances to codes see it
    /// (moved, scaled). Infinite for codes whose distances have no proven bounds.
    /// </summary>
    public virtual (float Error, float Length) QueryError(ReadOnlySpan<byte> value) => (float.PositiveInfinity, float.PositiveInfinity);

    /// <summary>Makes a query of a code: the distances of stored vectors to each other, from which graphs are built.</summary>
    public abstract TQuery Prepare(byte* code, byte* memory);

    public sealed override TResult Use<TResult>(ICodeUser<TResult> user) => user.With(this);
}

/// <summary>Something generic over the kind of query (a graph, a set of lists) that is to be made for given codes.</summary>
public interface ICodeUser<out TResult>
{
    TResult With<TQuery>(VectorCode<TQuery> code) where TQuery : unmanaged, ICodeQuery;
}
