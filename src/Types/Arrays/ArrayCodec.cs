namespace PgVectorCompat.Types;

/// <summary>Arrays over one element type.</summary>
public sealed class ArrayCodec(PgType element) : TypeCodec
{
    public override bool IsOrdered => element.Codec.IsOrdered;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
        => Datum.Of(new ArrayTextReader(text, element, typmod, settings).Read());

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
        => ArrayTextWriter.Write(value.As<PgArray>(), element, output, settings);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var dimensions = input.ReadInt32();
        if (dimensions < 0)
            throw PgError.InvalidBinary($"invalid number of dimensions: {dimensions}");
        if (dimensions > PgArray.MaxDimensions)
            throw PgArray.TooManyDimensions(dimensions);
        if (input.ReadInt32() is not (0 or 1))
            throw PgError.InvalidBinary("invalid array flags");
        var oid = (uint)input.ReadInt32();
        if (oid != element.Oid)
            throw new PgError(SqlState.DatatypeMismatch, $"binary data has array element type {oid} ({PgTypes.Find(oid)?.DisplayName ?? "unknown"}) instead of expected {element.Oid} ({element.DisplayName})");

        var lengths = new int[dimensions];
        var lowerBounds = new int[dimensions];
        for (var d = 0; d < dimensions; d++)
            (lengths[d], lowerBounds[d]) = (input.ReadInt32(), input.ReadInt32());
        var count = PgArray.CountItems(lengths);
        for (var d = 0; d < dimensions; d++)
            if (lowerBounds[d] > int.MaxValue - lengths[d])
                throw new PgError(SqlState.ProgramLimitExceeded, $"array lower bound is too large: {lowerBounds[d]}");
        // Every element has a length word, so a message cannot make us allocate more than a few times its own size.
        if (count > input.Remaining / 4)
            throw new PgError(SqlState.ProtocolViolation, "insufficient data left in message");
        var items = new Datum[count];
        for (var i = 0; i < count; i++)
        {
            var length = input.ReadInt32();
            if (length == -1)
                continue;
            if (length < 0 || length > input.Remaining)
                throw PgError.InvalidBinary("insufficient data left in message");
            var one = new BinaryReader(input.Take(length));
            items[i] = element.Codec.ReadBinary(ref one, typmod);
            if (one.Remaining != 0)
                throw PgError.InvalidBinary($"improper binary format in array element {i + 1}");
        }
        return Datum.Of(count == 0 ? new PgArray(element, []) : new PgArray(element, lengths, lowerBounds, items));
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        var array = value.As<PgArray>();
        output.WriteInt32(array.Dimensions);
        output.WriteInt32(array.HasNulls ? 1 : 0);
        output.WriteInt32((int)element.Oid);
        for (var d = 0; d < array.Dimensions; d++)
        {
            output.WriteInt32(array.Lengths[d]);
            output.WriteInt32(array.LowerBounds[d]);
        }
        foreach (var item in array.Items)
        {
            if (item.IsNull)
            {
                output.WriteInt32(-1);
                continue;
            }
            var at = output.ReserveInt32();
            element.Codec.WriteBinary(item, output);
            output.SetInt32(at, output.Length - at - 4);
        }
    }

    /// <summary>Elements first, NULL above all others; then number of elements, dimensions, lengths, lower bounds.</summary>
    public override int Compare(Datum left, Datum right)
    {
        PgArray a = left.As<PgArray>(), b = right.As<PgArray>();
        for (var i = 0; i < a.Items.Length && i < b.Items.Length; i++)
        {
            Datum x = a.Items[i], y = b.Items[i];
            var order = x.IsNull || y.IsNull ? x.IsNull.CompareTo(y.IsNull) : element.Codec.Compare(x, y);
            if (order != 0)
                return order;
        }
        if (a.Items.Length != b.Items.Length)
            return a.Items.Length - b.Items.Length;
        if (a.Dimensions != b.Dimensions)
            return a.Dimensions - b.Dimensions;
        var lengths = a.Lengths.AsSpan().SequenceCompareTo(b.Lengths);
        return lengths != 0 ? lengths : a.LowerBounds.AsSpan().SequenceCompareTo(b.LowerBounds);
    }

    public override bool Equal(Datum left, Datum right)
    {
        PgArray a = left.As<PgArray>(), b = right.As<PgArray>();
        if (!a.Lengths.AsSpan().SequenceEqual(b.Lengths) || !a.LowerBounds.AsSpan().SequenceEqual(b.LowerBounds))
            return false;
        for (var i = 0; i < a.Items.Length; i++)
        {
            Datum x = a.Items[i], y = b.Items[i];
            if (x.IsNull || y.IsNull ? x.IsNull != y.IsNull : !element.Codec.Equal(x, y))
                return false;
        }
        return true;
    }

    public override int Hash(Datum value)
    {
        var hash = new HashCode();
        foreach (var item in value.As<PgArray>().Items)
            hash.Add(item.IsNull ? 0 : element.Codec.Hash(item));
        return hash.ToHashCode();
    }

    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        const byte end = 0, present = 1, missing = 2;
        var array = value.As<PgArray>();
        foreach (var item in array.Items)
        {
            output.WriteByte(item.IsNull ? missing : present);
            if (!item.IsNull)
                element.Codec.WriteSortKey(item, output);
        }
        output.WriteByte(end);
        output.WriteByte((byte)array.Dimensions);
        foreach (var length in array.Lengths)
            output.WriteInt32(length);
        foreach (var bound in array.LowerBounds)
        {
            output.WriteInt32(bound);
            output.Flip(output.Length - 4);
        }
    }

    /// <summary>Dimensions (one byte), lengths and lower bounds, then each element with its length (-1 for NULL) in its stored form.</summary>
    public override void WriteStored(Datum value, ByteWriter output)
    {
        var array = value.As<PgArray>();
        output.WriteByte((byte)array.Dimensions);
        for (var d = 0; d < array.Dimensions; d++)
        {
            output.WriteInt32(array.Lengths[d]);
            output.WriteInt32(array.LowerBounds[d]);
        }
        foreach (var item in array.Items)
        {
            var at = output.ReserveInt32();
            if (!item.IsNull)
                element.Codec.WriteStored(item, output);
            output.SetInt32(at, item.IsNull ? -1 : output.Length - at - 4);
        }
    }

    public override Datum ReadStored(ReadOnlySpan<byte> stored)
    {
        var input = new BinaryReader(stored);
        var dimensions = input.ReadByte();
        var lengths = new int[dimensions];
        var lowerBounds = new int[dimensions];
        for (var d = 0; d < dimensions; d++)
            (lengths[d], lowerBounds[d]) = (input.ReadInt32(), input.ReadInt32());
        var items = new Datum[PgArray.CountItems(lengths)];
        for (var i = 0; i < items.Length; i++)
        {
            var length = input.ReadInt32();
            if (length >= 0)
                items[i] = element.Codec.ReadStored(input.Take(length));
        }
        return Datum.Of(new PgArray(element, lengths, lowerBounds, items));
    }
}

/// <summary>The modifier of an array type: its elements' one, applied to each.</summary>
public sealed class ArrayModifier(PgType element, TypeModifier modifier) : TypeModifier
{
    public override int Parse(PgType type, IReadOnlyList<string> arguments) => modifier.Parse(element, arguments);
    public override string Format(PgType type, int typmod) => modifier.Format(element, typmod) + "[]";

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit)
    {
        var array = value.As<PgArray>();
        var items = new Datum[array.Items.Length];
        for (var i = 0; i < items.Length; i++)
            items[i] = array.Items[i].IsNull ? Datum.Null : modifier.Apply(element, array.Items[i], typmod, isExplicit);
        return Datum.Of(new PgArray(element, array.Lengths, array.LowerBounds, items));
    }
}
