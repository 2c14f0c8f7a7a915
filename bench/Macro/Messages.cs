using System.Buffers.Binary;
using System.Text;

namespace PgVectorCompat.Macro;

/// <summary>Messages to a server, as bytes.</summary>
public static class Messages
{
    public static readonly byte[] Sync = Message('S', []);
    public static readonly byte[] CopyDone = Message('c', []);

    public static byte[] Startup(string user, string database)
    {
        byte[] body = [0, 3, 0, 0, .. Text($"user\0{user}\0database\0{database}\0\0")];
        return [.. Int32(body.Length + 4), .. body];
    }

    public static byte[] Query(string sql) => Message('Q', Text(sql + "\0"));

    public static byte[] Parse(string name, string sql) => Message('P', [.. Text($"{name}\0{sql}\0"), 0, 0]);

    /// <summary>Bind of one binary parameter, Execute, Sync; the parameter's value begins <see cref="ValueOffset"/> bytes into it.</summary>
    public static byte[] BindExecuteSync(string statement, ReadOnlySpan<byte> value)
    {
        byte[] bind = [.. Text($"\0{statement}\0"), 0, 1, 0, 1, 0, 1, .. Int32(value.Length), .. value, 0, 1, 0, 1];
        return [.. Message('B', bind), .. Message('E', [0, 0, 0, 0, 0]), .. Sync];
    }

    /// <summary>The same of several parameters, binary or text alike.</summary>
    public static byte[] BindExecuteSync(string statement, bool isText, params byte[][] values)
    {
        byte[] format = [0, 1, 0, (byte)(isText ? 0 : 1)];
        byte[] bind = [.. Text($"\0{statement}\0"), .. format, 0, (byte)values.Length, .. values.SelectMany(v => Int32(v.Length).Concat(v)), 0, 1, 0, 1];
        return [.. Message('B', bind), .. Message('E', [0, 0, 0, 0, 0]), .. Sync];
    }

    /// <summary>The same for a statement without parameters.</summary>
    public static byte[] BindExecuteSync(string statement)
        => [.. Message('B', [.. Text($"\0{statement}\0"), 0, 0, 0, 0, 0, 1, 0, 1]), .. Message('E', [0, 0, 0, 0, 0]), .. Sync];

    /// <summary>Where the value lies in what <see cref="BindExecuteSync"/> makes.</summary>
    public static int ValueOffset(string statement) => 5 + 1 + statement.Length + 1 + 6 + 4;

    public static byte[] Message(char type, ReadOnlySpan<byte> body) => [(byte)type, .. Int32(body.Length + 4), .. body];

    public static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
