namespace PgVectorCompat.Types;

/// <summary>bool: <c>t</c> and <c>f</c> out, every unambiguous start of true, false, yes, no, on, off, 1, 0 in.</summary>
public sealed class BoolCodec : TypeCodec
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(TryParse(text) ?? throw PgError.InvalidText("boolean", text));

    /// <summary>The boolean that <paramref name="text"/> spells, null when it spells none. Also how settings read booleans.</summary>
    public static bool? TryParse(string text)
    {
        var word = Utf8Text.Trim(text);
        if (word.IsEmpty)
            return null;
        return Starts("true", word) || Starts("yes", word) || word is "1" || Same(word, "on") ? true
            : Starts("false", word) || Starts("no", word) || word is "0" || Same(word, "of") || Same(word, "off") ? false
            : null;
    }

    static bool Starts(string full, ReadOnlySpan<char> word) => full.AsSpan().StartsWith(word, StringComparison.OrdinalIgnoreCase);
    static bool Same(ReadOnlySpan<char> word, string other) => word.Equals(other, StringComparison.OrdinalIgnoreCase);

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => output.WriteByte(value.AsBool ? (byte)'t' : (byte)'f');
    public override Datum ReadBinary(ref BinaryReader input, int typmod) => Datum.Of(input.ReadByte() != 0);
    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteByte(value.AsBool ? (byte)1 : (byte)0);
    public override int Compare(Datum left, Datum right) => left.AsBool.CompareTo(right.AsBool);
    public override int Hash(Datum value) => value.AsBool ? 1 : 0;
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteBinary(value, output);
    public override int StoredLength => 1;
}
