using System.Buffers;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>
/// Text and binary forms of one type's values, both directions, and their order: what PostgreSQL keeps in typinput, typoutput,
/// typreceive, typsend and the default B-tree operator class.
/// </summary>
/// <remarks>
/// A codec has no state of its own, so one instance serves all sessions. <c>typmod</c> is the type modifier as in
/// pg_attribute.atttypmod; -1 means none. Input functions only use it where PostgreSQL's do (interval, bit, numeric,
/// vector, …); the length-coercion casts check it again.
/// </remarks>
public abstract class TypeCodec
{
    /// <summary>Reads the text form. Raises 22P02, 22003, 22007, … with PostgreSQL's words.</summary>
    public abstract Datum Parse(string text, int typmod, TypeSettings settings);

    /// <summary>Reads the text form from UTF-8; override where going through a string would cost.</summary>
    public virtual Datum Parse(ReadOnlySpan<byte> utf8, int typmod, TypeSettings settings)
        => Parse(Utf8Text.Decode(utf8), typmod, settings);

    /// <summary><see cref="Parse(string, int, TypeSettings)"/> for types whose reader works on UTF-8.</summary>
    protected Datum ParseAsUtf8(string text, int typmod, TypeSettings settings)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        try
        {
            return Parse(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), typmod, settings);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Writes the text form of a value that is not NULL.</summary>
    public abstract void Write(Datum value, ByteWriter output, TypeSettings settings);

    /// <summary>Reads the binary form. Raises 22P03 or 08P01 when it is malformed.</summary>
    public abstract Datum ReadBinary(ref BinaryReader input, int typmod);

    /// <summary>Writes the binary form of a value that is not NULL, without its length word.</summary>
    public abstract void WriteBinary(Datum value, ByteWriter output);

    /// <summary>Whether the type has a default B-tree order; without it <see cref="Compare"/> raises 42883.</summary>
    public virtual bool IsOrdered => true;

    /// <summary>Order of two values that are not NULL: negative, 0 or positive.</summary>
    public abstract int Compare(Datum left, Datum right);

    /// <summary>Whether two values that are not NULL are equal by the type's <c>=</c>.</summary>
    public virtual bool Equal(Datum left, Datum right) => Compare(left, right) == 0;

    /// <summary>Hash of a value that is not NULL; equal values hash alike (1.0 and 1.00 as numeric, -0 and 0 as float).</summary>
    public abstract int Hash(Datum value);

    /// <summary>
    /// Appends bytes whose memcmp order is the type's order and which no other value's bytes are a prefix of
    /// (a B-tree key compares several columns' bytes one after the other).
    /// </summary>
    public abstract void WriteSortKey(Datum value, ByteWriter output);

    /// <summary>Appends a compact form for storage; <see cref="ReadStored"/> reads it back. Not the wire form; never changes between versions of a file format.</summary>
    public virtual void WriteStored(Datum value, ByteWriter output) => WriteBinary(value, output);

    /// <summary>Reads what <see cref="WriteStored"/> wrote; <paramref name="stored"/> is exactly those bytes.</summary>
    public virtual Datum ReadStored(ReadOnlySpan<byte> stored)
    {
        var reader = new BinaryReader(stored);
        return ReadBinary(ref reader, -1);
    }

    /// <summary>Number of bytes <see cref="WriteStored"/> always writes, or -1 when it varies.</summary>
    public virtual int StoredLength => -1;

    /// <summary>The text form as a string: for messages, casts to text and everything that is not a hot path.</summary>
    public string ToText(Datum value, TypeSettings settings)
    {
        var output = new ByteWriter();
        Write(value, output, settings);
        return Encoding.UTF8.GetString(output.Written);
    }
}
