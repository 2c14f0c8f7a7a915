namespace PgVectorCompat.Types;

/// <summary>anyarray as a column type (pg_statistic, pg_stats): an array of some type that can be read, never written.</summary>
public sealed class AnyArrayCodec : TypeCodec
{
    static ArrayCodec CodecOf(Datum value) => new(value.As<PgArray>().ElementType);

    public override Datum Parse(string text, int typmod, TypeSettings settings) => throw CannotAccept();
    public override Datum ReadBinary(ref BinaryReader input, int typmod) => throw CannotAccept();
    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => CodecOf(value).Write(value, output, settings);
    public override void WriteBinary(Datum value, ByteWriter output) => CodecOf(value).WriteBinary(value, output);
    public override int Compare(Datum left, Datum right) => CodecOf(left).Compare(left, right);
    public override int Hash(Datum value) => CodecOf(value).Hash(value);
    public override void WriteSortKey(Datum value, ByteWriter output) => CodecOf(value).WriteSortKey(value, output);

    static PgError CannotAccept() => new(SqlState.FeatureNotSupported, "cannot accept a value of type anyarray");
}
