namespace PgVectorCompat.Types;

/// <summary>int2vector and oidvector: a one-dimensional array with subscripts from 0, written as numbers with blanks between.</summary>
public sealed class NumberListCodec(PgType element) : TypeCodec
{
    readonly ArrayCodec _array = new(element);

    public override bool IsOrdered => element.Codec.IsOrdered;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        var items = new List<Datum>();
        foreach (var word in text.Split([' ', '\t', '\n', '\v', '\f', '\r'], StringSplitOptions.RemoveEmptyEntries))
            items.Add(element.Codec.Parse(word, -1, settings));
        return Datum.Of(Make([.. items]));
    }

    /// <summary>The value for these numbers.</summary>
    public PgArray Make(Datum[] items) => new(element, [items.Length], [0], items);

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        var items = value.As<PgArray>().Items;
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0)
                output.WriteByte((byte)' ');
            element.Codec.Write(items[i], output, settings);
        }
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var array = _array.ReadBinary(ref input, -1).As<PgArray>();
        if (array.Dimensions > 1 || array.HasNulls)
            throw PgError.InvalidBinary("invalid " + (element.Name == "int2" ? "int2vector" : "oidvector") + " data");
        return Datum.Of(Make(array.Items));
    }

    public override void WriteBinary(Datum value, ByteWriter output) => _array.WriteBinary(value, output);

    /// <summary>Shorter lists come first, as btoidvectorcmp has it.</summary>
    public override int Compare(Datum left, Datum right)
    {
        int a = left.As<PgArray>().Items.Length, b = right.As<PgArray>().Items.Length;
        return a != b ? a - b : _array.Compare(left, right);
    }

    public override int Hash(Datum value) => _array.Hash(value);

    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        output.WriteInt32(value.As<PgArray>().Items.Length);
        _array.WriteSortKey(value, output);
    }

    public override void WriteStored(Datum value, ByteWriter output) => _array.WriteStored(value, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => _array.ReadStored(stored);
}
