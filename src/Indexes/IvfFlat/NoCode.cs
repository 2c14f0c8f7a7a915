using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>No code besides the one-bit codes of a list: their estimates are the distances.</summary>
sealed unsafe class NoCode : VectorCode<NoQuery>
{
    public override int CodeBytes => 0;
    public override int QueryBytes => 0;
    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code) => true;
    public override NoQuery Prepare(ReadOnlySpan<byte> value, byte* memory) => default;
    public override NoQuery Prepare(byte* code, byte* memory) => default;

    /// <summary>Measured on wordnet: the ten nearest are among the sixty best estimates as a rule.</summary>
    public override int RerankWidth(int k) => Math.Max(6 * k, k + 70);

    public override void Save(BinaryWriter writer) { }
}

/// <summary>Measures nothing.</summary>
readonly unsafe struct NoQuery : ICodeQuery
{
    public float To(byte* code) => throw new NotSupportedException("there is no code to measure");

    public void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances) => To(code0);
}
