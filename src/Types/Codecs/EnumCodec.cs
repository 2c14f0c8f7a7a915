namespace PgVectorCompat.Types;

/// <summary>One label of an enum type.</summary>
/// <param name="Oid">pg_enum.oid, which is the value.</param>
/// <param name="SortOrder">pg_enum.enumsortorder: labels added later may get numbers between older ones.</param>
public sealed record EnumLabel(uint Oid, string Label, double SortOrder);

/// <summary>An enum type with the labels it has at one time; ALTER TYPE makes a new codec.</summary>
public sealed class EnumCodec(string typeName, IReadOnlyList<EnumLabel> labels) : TypeCodec
{
    readonly Dictionary<string, EnumLabel> _byLabel = labels.ToDictionary(label => label.Label);
    readonly Dictionary<uint, EnumLabel> _byOid = labels.ToDictionary(label => label.Oid);

    /// <summary>The labels in their order.</summary>
    public IReadOnlyList<EnumLabel> Labels { get; } = [.. labels.OrderBy(label => label.SortOrder)];

    public override int StoredLength => 4;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => _byLabel.TryGetValue(text, out var label) ? Datum.Of((long)label.Oid)
            : throw new PgError(SqlState.InvalidTextRepresentation, $"invalid input value for enum {typeName}: \"{text}\"");

    EnumLabel LabelOf(Datum value) => _byOid.TryGetValue(value.AsOid, out var label) ? label
        : throw PgError.InvalidBinary($"invalid internal value for enum: {value.AsOid}");

    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => output.WriteText(LabelOf(value).Label);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
        => Parse(Utf8Text.Decode(input.TakeRest()), typmod, TypeSettings.Default);

    public override void WriteBinary(Datum value, ByteWriter output) => output.WriteText(LabelOf(value).Label);
    public override int Compare(Datum left, Datum right) => left.AsOid == right.AsOid ? 0 : LabelOf(left).SortOrder.CompareTo(LabelOf(right).SortOrder);
    public override int Hash(Datum value) => value.AsInt64.GetHashCode();
    public override void WriteSortKey(Datum value, ByteWriter output) => FloatCodec.WriteSortKey(LabelOf(value).SortOrder, output);
    public override void WriteStored(Datum value, ByteWriter output) => FixedStored.Write(value.AsInt64, 4, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => Datum.Of((long)FixedStored.ReadUnsigned32(stored));
}
