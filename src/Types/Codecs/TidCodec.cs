using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>tid: <c>(block,offset)</c>, held as block * 65536 + offset.</summary>
public sealed class TidCodec : TypeCodec
{
    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var parts = text.Trim().Split(',');
        if (parts.Length != 2 || !parts[0].StartsWith('(') || !parts[1].EndsWith(')')
            || !uint.TryParse(parts[0].AsSpan(1), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var block)
            || !ushort.TryParse(parts[1].AsSpan(0, parts[1].Length - 1), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var offset))
            throw PgError.InvalidText("tid", text);
        return Datum.Of((long)block << 16 | offset);
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
        => output.WriteText($"({value.AsInt64 >> 16},{value.AsInt64 & 0xFFFF})");

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var block = (long)(uint)input.ReadInt32();
        return Datum.Of(block << 16 | input.ReadUInt16());
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        output.WriteInt32((int)(value.AsInt64 >> 16));
        output.WriteInt16((int)(value.AsInt64 & 0xFFFF));
    }

    public override int StoredLength => 6;
    public override int Compare(Datum left, Datum right) => left.AsInt64.CompareTo(right.AsInt64);
    public override int Hash(Datum value) => value.AsInt64.GetHashCode();
    public override void WriteSortKey(Datum value, ByteWriter output) => WriteBinary(value, output);
}
