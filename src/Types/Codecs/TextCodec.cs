using System.Text;

namespace PgVectorCompat.Types;

/// <summary>text and everything else that is a plain string ordered by code points: cstring, unknown, refcursor, pg_node_tree.</summary>
public class TextCodec : TypeCodec
{
    /// <summary>Whether every text is a value as it stands, a type's modifier aside.</summary>
    public virtual bool TakesAnyText => true;

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of(text);
    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => output.WriteText(value.AsString);

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Parse(Utf8Text.Decode(input.TakeRest()), typmod, TypeSettings.Default);

    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteText(value.AsString);
    public override int Compare(Datum left, Datum right) => Utf8Text.Compare(left.AsString, right.AsString);
    public override bool Equal(Datum left, Datum right) => left.AsString == right.AsString;
    public override int Hash(Datum value) => value.AsString.GetHashCode();

    /// <summary>Text holds no zero byte, so a zero byte ends it.</summary>
    public override void WriteSortKey(Datum value, ByteWriter output) => output.WriteCString(value.AsString);

    public sealed override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of(Encoding.UTF8.GetString(stored));
}

/// <summary>varchar.</summary>
public sealed class VarcharCodec : TextCodec
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(typmod < 0 ? text : CharacterModifier.Varchar.Fit(text, typmod, isExplicit: false));
}

/// <summary>bpchar: held with its padding; trailing blanks do not count in comparisons.</summary>
public sealed class BpcharCodec : TextCodec
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(typmod < 0 ? text : CharacterModifier.Bpchar.Fit(text, typmod, isExplicit: false));

    static ReadOnlySpan<char> Significant(Datum value) => value.AsString.AsSpan().TrimEnd(' ');

    public override int Compare(Datum left, Datum right) => Utf8Text.Compare(Significant(left), Significant(right));
    public override bool Equal(Datum left, Datum right) => Significant(left).SequenceEqual(Significant(right));
    public override int Hash(Datum value) => string.GetHashCode(Significant(value));
    public override void WriteSortKey(Datum value, ByteWriter output) => output.WriteCString(Significant(value));
}

/// <summary>name: text of at most 63 bytes; what is longer is cut.</summary>
public sealed class NameCodec : TextCodec
{
    /// <summary>NAMEDATALEN - 1.</summary>
    public const int MaxBytes = 63;

    public override bool TakesAnyText => false;

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of(Utf8Text.ClipToBytes(text, MaxBytes));

    /// <summary>Text that is too long is clipped, the binary form is not: 42622.</summary>
    public override Datum ReadBinary(ref BinaryReader input, int typmod)
        => input.Remaining <= MaxBytes ? base.ReadBinary(ref input, typmod)
            : throw new PgError(SqlState.NameTooLong, "identifier too long") { Detail = $"Identifier must be less than {MaxBytes + 1} characters." };
}
