namespace PgVectorCompat.Types;

/// <summary>A pseudo-type, which has no values: every function raises 0A000. void alone can be written, as empty text.</summary>
public sealed class PseudoCodec(string displayName) : TypeCodec
{
    bool IsVoid => displayName == "void";

    public override Datum Parse(string text, int typmod, TypeSettings settings) => IsVoid ? Datum.Of("") : throw CannotAccept();

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        if (!IsVoid)
            throw CannotDisplay();
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => IsVoid ? Datum.Of("") : throw CannotAccept();

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        if (!IsVoid)
            throw CannotDisplay();
    }

    public override bool IsOrdered => false;
    public override int Compare(Datum left, Datum right) => throw CannotDisplay();
    public override int Hash(Datum value) => throw CannotDisplay();
    public override void WriteSortKey(Datum value, ByteWriter output) => throw CannotDisplay();

    PgError CannotAccept() => new(SqlState.FeatureNotSupported, $"cannot accept a value of type {displayName}");
    PgError CannotDisplay() => new(SqlState.FeatureNotSupported, $"cannot display a value of type {displayName}");
}
