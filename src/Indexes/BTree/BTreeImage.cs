using PgVectorCompat.Storage;

namespace PgVectorCompat.Indexes.BTree;

/// <summary>Says whether an entry belongs into a tree that is written or read.</summary>
public delegate bool BTreeFilter(ReadOnlySpan<byte> key, RowId row);

/// <summary>
/// A tree as bytes: entries in order, each as the difference to the one before.
/// <code>
/// bytes shared with the key before + 1   varint; 0: the end
/// bytes that follow                      varint
/// those bytes
/// row id minus the one before            zigzag varint
/// </code>
/// </summary>
public static class BTreeImage
{
    const int LongestVarint = 10;

    /// <summary>Writes the entries that <paramref name="keep"/> wants. An entry there from beginning to end is written; one that comes or goes meanwhile may be.</summary>
    public static void Write(BTreeIndex tree, Stream stream, BTreeFilter keep)
    {
        var batch = new BTreeBatch();
        byte[] last = [];
        var lastLength = 0;
        var lastRow = 0L;
        byte[] from = [];
        var fromRow = new RowId(long.MinValue);
        var buffer = new byte[3 * LongestVarint];
        do
        {
            tree.ReadForward(from, fromRow, null, batch);
            for (var i = 0; i < batch.Count; i++)
            {
                var key = batch.Key(i);
                var row = batch.Row(i);
                if (!keep(key, row)) continue;
                var shared = key.CommonPrefixLength(last.AsSpan(0, lastLength));
                var length = WriteVarint(buffer, 0, (ulong)shared + 1);
                length = WriteVarint(buffer, length, (ulong)(key.Length - shared));
                stream.Write(buffer, 0, length);
                stream.Write(key[shared..]);
                var step = unchecked(row.Value - lastRow);
                stream.Write(buffer, 0, WriteVarint(buffer, 0, (ulong)((step << 1) ^ (step >> 63))));
                if (key.Length > last.Length) last = new byte[key.Length * 2];
                key.CopyTo(last);
                (lastLength, lastRow) = (key.Length, row.Value);
            }
            if (batch.Count == 0) break;
            from = batch.Key(batch.Count - 1).ToArray();
            fromRow = new(batch.Row(batch.Count - 1).Value + 1);
        }
        while (batch.IsFull);
        stream.WriteByte(0);
    }

    /// <summary>Reads a tree, leaving out what <paramref name="keep"/> does not want.</summary>
    /// <exception cref="EndOfStreamException">The bytes end before the tree does.</exception>
    public static BTreeIndex Read(Stream stream, BTreeFilter keep)
    {
        var builder = new BTreeBuilder();
        var source = new Source(stream);
        var key = new byte[64];
        var row = 0L;
        while (source.ReadVarint() is > 0 and var sharedAndOne)
        {
            var shared = checked((int)sharedAndOne - 1);
            var rest = checked((int)source.ReadVarint());
            var length = checked(shared + rest);
            if (length > key.Length) Array.Resize(ref key, length * 2);
            source.Read(key.AsSpan(shared, rest));
            var step = source.ReadVarint();
            row = unchecked(row + ((long)(step >> 1) ^ -(long)(step & 1)));
            if (keep(key.AsSpan(0, length), new(row))) builder.Add(key.AsSpan(0, length), new(row));
        }
        return builder.Finish();
    }

    static int WriteVarint(byte[] buffer, int at, ulong value)
    {
        for (; value >= 0x80; value >>= 7) buffer[at++] = (byte)(value | 0x80);
        buffer[at++] = (byte)value;
        return at;
    }

    /// <summary>The bytes of a stream, fetched in large pieces: one call per number would be most of the work.</summary>
    struct Source(Stream stream)
    {
        readonly byte[] _buffer = new byte[64 << 10];
        int _at;
        int _end;

        public ulong ReadVarint()
        {
            var value = 0ul;
            for (var shift = 0; ; shift += 7)
            {
                if (_at == _end) Fill();
                var next = _buffer[_at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }

        public void Read(Span<byte> target)
        {
            while (target.Length > 0)
            {
                if (_at == _end) Fill();
                var count = Math.Min(target.Length, _end - _at);
                _buffer.AsSpan(_at, count).CopyTo(target);
                _at += count;
                target = target[count..];
            }
        }

        void Fill()
        {
            _at = 0;
            _end = stream.Read(_buffer);
            if (_end == 0) throw new EndOfStreamException("the image of an index ends too early");
        }
    }
}
