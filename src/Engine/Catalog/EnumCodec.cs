using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// Values of one enum. A value is its label's OID, as in PostgreSQL, so labels may be renamed and added anywhere without touching rows.
/// ALTER TYPE makes a new codec.
/// </summary>
public sealed class EnumCodec(string typeName, ImmutableArray<EnumLabel> labels) : TypeCodec
{
    readonly Dictionary<string, EnumLabel> _byLabel = labels.ToDictionary(label => label.Label);
    readonly Dictionary<uint, EnumLabel> _byOid = labels.ToDictionary(label => label.Oid);

    /// <summary>The labels in their order.</summary>
    public ImmutableArray<EnumLabel> Labels { get; } = labels;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => _byLabel.TryGetValue(text, out var label)
            ? Datum.Of((long)label.Oid)
            : throw new PgError(SqlState.InvalidTextRepresentation, $"invalid input value for enum {typeName}: \"{text}\"");

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => output.WriteText(Find(value).Label);

    public override Datum ReadBinary(ref Types.BinaryReader input, int typmod)
        => Parse(System.Text.Encoding.UTF8.GetString(input.TakeRest()), typmod, TypeSettings.Default);

    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteText(Find(value).Label);

    public override int Compare(Datum left, Datum right) => Find(left).Order.CompareTo(Find(right).Order);

    public override bool Equal(Datum left, Datum right) => left.AsOid == right.AsOid;

    public override int Hash(Datum value) => (int)value.AsOid;

    // The bits of a float in an order that memcmp has.
    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var bits = BitConverter.SingleToInt32Bits(Find(value).Order);
        output.WriteInt32(bits < 0 ? ~bits : bits ^ int.MinValue);
    }

    public override void WriteStored(Datum value, ByteWriter output) => output.WriteInt32((int)value.AsOid);

    public override Datum ReadStored(ReadOnlySpan<byte> stored)
    {
        var reader = new Types.BinaryReader(stored);
        return Datum.Of((long)(uint)reader.ReadInt32());
    }

    public override int StoredLength => 4;

    EnumLabel Find(Datum value)
        => _byOid.TryGetValue(value.AsOid, out var label)
            ? label
            : throw new PgError(SqlState.InvalidBinaryRepresentation, $"invalid internal value for enum: {value.AsOid}");
}
