using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Writes the fields of a catalog record, one after the other. <see cref="RecordReader"/> reads them in the same order.</summary>
sealed class RecordWriter
{
    readonly ByteWriter _bytes = new();

    public byte[] ToArray() => _bytes.Written.ToArray();

    public void Byte(int value) => _bytes.WriteByte((byte)value);
    public void Bool(bool value) => _bytes.WriteByte(value ? (byte)1 : (byte)0);
    public void Char(char? value) => _bytes.WriteByte((byte)(value ?? '\0'));
    public void Int16(short value) => _bytes.WriteInt16(value);
    public void Int32(int value) => _bytes.WriteInt32(value);
    public void Int64(long value) => _bytes.WriteInt64(value);
    public void Oid(uint value) => _bytes.WriteInt32((int)value);
    public void Double(double value) => _bytes.WriteInt64(BitConverter.DoubleToInt64Bits(value));
    public void Type(PgType? value) => Oid(value?.Oid ?? 0);

    public void Text(string? value)
    {
        var length = _bytes.ReserveInt32();
        if (value is null)
        {
            _bytes.SetInt32(length, -1);
            return;
        }
        _bytes.WriteText(value);
        _bytes.SetInt32(length, _bytes.Length - length - 4);
    }

    public void List<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Int32(items.Count);
        foreach (var item in items)
            write(item);
    }

    public void Map(ImmutableSortedDictionary<string, string> map)
    {
        Int32(map.Count);
        foreach (var (name, value) in map)
        {
            Text(name);
            Text(value);
        }
    }

    public void Acl(ImmutableArray<AclItem>? acl)
    {
        Int32(acl?.Length ?? -1);
        foreach (var item in acl ?? [])
        {
            Oid(item.Grantee);
            Oid(item.Grantor);
            Int32((int)item.Rights);
            Int32((int)item.GrantOptions);
        }
    }

    public void Address(ObjectAddress address)
    {
        Oid(address.Oid);
        Int16(address.Column);
    }
}

/// <summary>Reads what <see cref="RecordWriter"/> wrote. <paramref name="findType"/> gives the types that the record names by OID.</summary>
sealed class RecordReader(byte[] record, Func<uint, PgType> findType)
{
    int _at;

    public byte Byte() => Take(1).ReadByte();
    public bool Bool() => Byte() != 0;
    public char? Char() => Byte() is var value and not 0 ? (char)value : null;
    public short Int16() => Take(2).ReadInt16();
    public int Int32() => Take(4).ReadInt32();
    public long Int64() => Take(8).ReadInt64();
    public uint Oid() => (uint)Int32();
    public double Double() => BitConverter.Int64BitsToDouble(Int64());
    public PgType Type() => findType(Oid());
    public PgType? OptionalType() => Oid() is var oid and not 0 ? findType(oid) : null;

    public string? OptionalText()
    {
        var length = Int32();
        return length < 0 ? null : System.Text.Encoding.UTF8.GetString(Take(length).TakeRest());
    }

    public string Text() => OptionalText() ?? throw new PgError(SqlState.DataCorrupted, "catalog record lacks a text");

    public ImmutableArray<T> List<T>(Func<T> read)
    {
        var items = new T[Int32()];
        for (var i = 0; i < items.Length; i++)
            items[i] = read();
        return [.. items];
    }

    public ImmutableSortedDictionary<string, string> Map()
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(OptionOrder.Instance);
        for (var left = Int32(); left > 0; left--)
            map.Add(Text(), Text());
        return map.ToImmutable();
    }

    public ImmutableArray<AclItem>? Acl()
    {
        var count = Int32();
        if (count < 0)
            return null;
        var items = new AclItem[count];
        for (var i = 0; i < count; i++)
            items[i] = new AclItem(Oid(), Oid(), (Rights)Int32(), (Rights)Int32());
        return [.. items];
    }

    public ObjectAddress Address() => new(Oid(), Int16());

    Types.BinaryReader Take(int count)
    {
        var start = _at;
        _at += count;
        return new Types.BinaryReader(record.AsSpan(start, count));
    }
}
