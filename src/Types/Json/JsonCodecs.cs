using System.Text;

namespace PgVectorCompat.Types;

/// <summary>json: text that has been checked and is kept as written. It has no order and no equality.</summary>
public sealed class JsonCodec : TextCodec
{
    public override bool TakesAnyText => false;

    public override bool IsOrdered => false;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        JsonReader.Validate(text);
        return Datum.Of(text);
    }
}

/// <summary>jsonb; the binary form is a version byte (1) and the text.</summary>
public sealed class JsonbCodec : TypeCodec
{
    const byte Version = 1;

    static readonly NumericCodec Numbers = new();

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of(JsonbBuilder.Parse(text));
    public override void Write(Datum value, ByteWriter output, TypeSettings settings) => JsonWriter.Write(value.As<JsonbValue>(), output);

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var version = input.Take(1)[0];
        return version == Version
            ? Datum.Of(JsonbBuilder.Parse(Utf8Text.Decode(input.TakeRest())))
            : throw new PgError(SqlState.InternalError, $"unsupported jsonb version number {version}");
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        output.WriteByte(Version);
        JsonWriter.Write(value.As<JsonbValue>(), output);
    }

    public override int Compare(Datum left, Datum right) => JsonbValue.Compare(left.As<JsonbValue>(), right.As<JsonbValue>());
    public override bool Equal(Datum left, Datum right) => left.As<JsonbValue>().Equals(right.As<JsonbValue>());
    public override int Hash(Datum value) => value.As<JsonbValue>().GetHashCode();

    /// <summary>The kind (from 1), then for containers the number of items and each of them; 0 for an empty array at the top.</summary>
    public override void WriteSortKey(Datum value, ByteWriter output)
    {
        var json = value.As<JsonbValue>();
        if (json.Kind == JsonKind.Array && json.Items.Length == 0)
            output.WriteByte(0);
        else
            WriteKey(json, output);
    }

    static void WriteKey(JsonbValue json, ByteWriter output)
    {
        output.WriteByte((byte)(json.Kind + 1));
        switch (json.Kind)
        {
            case JsonKind.Null:
                return;
            case JsonKind.String:
                output.WriteCString(json.Text);
                return;
            case JsonKind.Number:
                Numbers.WriteSortKey(Datum.Of(json.Number), output);
                return;
            case JsonKind.Boolean:
                output.WriteByte(json.Flag ? (byte)1 : (byte)0);
                return;
        }
        output.WriteInt32(json.Items.Length);
        for (var i = 0; i < json.Items.Length; i++)
        {
            if (json.Kind == JsonKind.Object)
                output.WriteCString(json.Keys[i]);
            WriteKey(json.Items[i], output);
        }
    }

    /// <summary>Kind, then content: flag, text or number with its length in front, or a count and the items (and keys).</summary>
    public override void WriteStored(Datum value, ByteWriter output) => WriteStored(value.As<JsonbValue>(), output);

    static void WriteStored(JsonbValue json, ByteWriter output)
    {
        output.WriteByte((byte)json.Kind);
        switch (json.Kind)
        {
            case JsonKind.Null:
                return;
            case JsonKind.Boolean:
                output.WriteByte(json.Flag ? (byte)1 : (byte)0);
                return;
            case JsonKind.String:
                WriteStored(json.Text, output);
                return;
            case JsonKind.Number:
                var at = output.ReserveInt32();
                Numbers.WriteStored(Datum.Of(json.Number), output);
                output.SetInt32(at, output.Length - at - 4);
                return;
        }
        output.WriteInt32(json.Items.Length);
        for (var i = 0; i < json.Items.Length; i++)
        {
            if (json.Kind == JsonKind.Object)
                WriteStored(json.Keys[i], output);
            WriteStored(json.Items[i], output);
        }
    }

    static void WriteStored(string text, ByteWriter output)
    {
        var at = output.ReserveInt32();
        output.WriteText(text);
        output.SetInt32(at, output.Length - at - 4);
    }

    public override Datum ReadStored(ReadOnlySpan<byte> stored)
    {
        var input = new BinaryReader(stored);
        return Datum.Of(ReadStored(ref input));
    }

    static JsonbValue ReadStored(ref BinaryReader input)
    {
        var kind = (JsonKind)input.ReadByte();
        switch (kind)
        {
            case JsonKind.Null: return JsonbValue.Null;
            case JsonKind.Boolean: return JsonbValue.Of(input.ReadByte() != 0);
            case JsonKind.String: return JsonbValue.Of(ReadStoredText(ref input));
            case JsonKind.Number: return JsonbValue.Of(Numbers.ReadStored(input.Take(input.ReadInt32())).As<PgNumeric>());
        }
        var items = new JsonbValue[input.ReadInt32()];
        var keys = new string[kind == JsonKind.Object ? items.Length : 0];
        for (var i = 0; i < items.Length; i++)
        {
            if (kind == JsonKind.Object)
                keys[i] = ReadStoredText(ref input);
            items[i] = ReadStored(ref input);
        }
        return kind == JsonKind.Object ? JsonbValue.OfSorted(keys, items) : JsonbValue.Of(items);
    }

    static string ReadStoredText(ref BinaryReader input) => Encoding.UTF8.GetString(input.Take(input.ReadInt32()));
}
