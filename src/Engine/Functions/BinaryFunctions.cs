using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions and operators of bytea, and conversions between bytes and text.</summary>
static class BinaryFunctions
{
    public static FunctionTable Table { get; } = new([.. Parts(), .. Bits(), .. Hashes(), .. Encodings()],
    [
        Define.Operator("||", Bytea, Bytea, Bytea, "byteacat", static (a, b) => Datum.Of((byte[])[.. a.AsBytes, .. b.AsBytes])),
    ]);

    static IEnumerable<Function> Parts()
    {
        yield return Define.Function("length", Int4, Bytea, static a => Datum.Of((long)a.AsBytes.Length));
        yield return Define.Function("octet_length", Int4, Bytea, static a => Datum.Of((long)a.AsBytes.Length));
        yield return Define.Function("bit_length", Int4, Bytea, static a => Datum.Of(a.AsBytes.Length * 8L));
        foreach (var name in (string[])["substring", "substr"])
        {
            yield return Define.Function(name, Bytea, Bytea, Int4, static (a, b) => Datum.Of(Substring(a.AsBytes, b.AsInt32, null)));
            yield return Define.Function(name, Bytea, [Bytea, Int4, Int4], static (a, _, _) => Datum.Of(Substring(a[0].AsBytes, a[1].AsInt32, a[2].AsInt32)));
        }
        yield return Define.Function("position", Int4, Bytea, Bytea, static (a, b) => Datum.Of(a.AsBytes.AsSpan().IndexOf(b.AsBytes) + 1L));
        yield return Define.Function("overlay", Bytea, [Bytea, Bytea, Int4], static (a, _, _) => Datum.Of(Overlay(a[0].AsBytes, a[1].AsBytes, a[2].AsInt32, a[1].AsBytes.Length)));
        yield return Define.Function("overlay", Bytea, [Bytea, Bytea, Int4, Int4], static (a, _, _) => Datum.Of(Overlay(a[0].AsBytes, a[1].AsBytes, a[2].AsInt32, a[3].AsInt32)));
        yield return Define.Function("btrim", Bytea, Bytea, Bytea, static (a, b) => Datum.Of(a.AsBytes.AsSpan().Trim(b.AsBytes).ToArray()));
        yield return Define.Function("ltrim", Bytea, Bytea, Bytea, static (a, b) => Datum.Of(a.AsBytes.AsSpan().TrimStart(b.AsBytes).ToArray()));
        yield return Define.Function("rtrim", Bytea, Bytea, Bytea, static (a, b) => Datum.Of(a.AsBytes.AsSpan().TrimEnd(b.AsBytes).ToArray()));
    }

    static byte[] Substring(byte[] bytes, int start, int? length)
    {
        if (length < 0)
            throw new PgError(SqlState.SubstringError, "negative substring length not allowed");
        var end = Math.Min(length is { } count ? (long)start - 1 + count : long.MaxValue, bytes.Length);
        var from = Math.Clamp(start - 1L, 0, bytes.Length);
        return end <= from ? [] : bytes[(int)from..(int)end];
    }

    static byte[] Overlay(byte[] bytes, byte[] replacement, int start, int length)
    {
        if (start <= 0)
            throw new PgError(SqlState.SubstringError, "negative substring length not allowed");
        if ((long)start + length > int.MaxValue)
            throw PgError.OutOfRange("integer out of range");
        return [.. Substring(bytes, 1, start - 1), .. replacement, .. Substring(bytes, start + length, null)];
    }

    static IEnumerable<Function> Bits() =>
    [
        Define.Function("get_byte", Int4, Bytea, Int4, static (a, b) => Datum.Of((long)a.AsBytes[Index(b.AsInt32, a.AsBytes.Length)])),
        Define.Function("set_byte", Bytea, [Bytea, Int4, Int4], static (a, _, _) => Datum.Of(With(a[0].AsBytes, Index(a[1].AsInt32, a[0].AsBytes.Length), (byte)a[2].AsInt32))),
        Define.Function("get_bit", Int4, Bytea, Int8, static (a, b) =>
        {
            var index = Index(b.AsInt64, a.AsBytes.Length * 8L);
            return Datum.Of((long)(a.AsBytes[index >> 3] >> (int)(index & 7) & 1));
        }),
        Define.Function("set_bit", Bytea, [Bytea, Int8, Int4], static (a, _, _) =>
        {
            var bytes = a[0].AsBytes;
            var index = Index(a[1].AsInt64, bytes.Length * 8L);
            if (a[2].AsInt32 is not (0 or 1))
                throw new PgError(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
            var mask = 1 << (int)(index & 7);
            return Datum.Of(With(bytes, index >> 3, (byte)(a[2].AsInt32 == 1 ? bytes[index >> 3] | mask : bytes[index >> 3] & ~mask)));
        }),
    ];

    static long Index(long index, long count)
        => index >= 0 && index < count ? index : throw new PgError(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{count - 1}");

    static byte[] With(byte[] bytes, long index, byte value)
    {
        var changed = (byte[])bytes.Clone();
        changed[index] = value;
        return changed;
    }

    /// <summary>MD5, which SQL offers as a fingerprint, not as protection.</summary>
#pragma warning disable CA5351
    internal static byte[] Md5(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    static IEnumerable<Function> Hashes() =>
    [
        Define.Function("md5", Text, Bytea, static a => Datum.Of(Convert.ToHexStringLower(Md5(a.AsBytes)))),
        Define.Function("sha224", Bytea, Bytea, static a => Datum.Of(Sha224.HashData(a.AsBytes))),
        Define.Function("sha256", Bytea, Bytea, static a => Datum.Of(SHA256.HashData(a.AsBytes))),
        Define.Function("sha384", Bytea, Bytea, static a => Datum.Of(SHA384.HashData(a.AsBytes))),
        Define.Function("sha512", Bytea, Bytea, static a => Datum.Of(SHA512.HashData(a.AsBytes))),
    ];

    static IEnumerable<Function> Encodings() =>
    [
        Define.Function("encode", Text, Bytea, Text, static (a, b) => Datum.Of(Encode(a.AsBytes, b.AsString))),
        Define.Function("decode", Bytea, Text, Text, static (a, b) => Datum.Of(Decode(a.AsString, b.AsString))),
        Define.Function("convert_from", Text, Bytea, Name, static (a, b) => Datum.Of(FromEncoding(a.AsBytes, b.AsString))) with { Volatility = Volatility.Stable },
        Define.Function("convert_to", Bytea, Text, Name, static (a, b) => Datum.Of(ToEncoding(a.AsString, b.AsString))) with { Volatility = Volatility.Stable },
        Define.Function("convert", Bytea, [Bytea, Name, Name], static (a, _, _) => Datum.Of(ToEncoding(FromEncoding(a[0].AsBytes, a[1].AsString), a[2].AsString)))
            with { Volatility = Volatility.Stable },
    ];

    static string Encode(byte[] bytes, string format)
    {
        switch (format.ToLowerInvariant())
        {
            case "hex":
                return Convert.ToHexStringLower(bytes);
            case "base64":
                // Lines of 76 characters, as MIME wants them.
                return string.Join('\n', Convert.ToBase64String(bytes).Chunk(76).Select(line => new string(line)));
            case "escape":
                var output = new ByteWriter();
                foreach (var b in bytes)
                {
                    if (b == 0 || b >= 0x80)
                        output.WriteText($"\\{(char)('0' + (b >> 6))}{(char)('0' + (b >> 3 & 7))}{(char)('0' + (b & 7))}");
                    else
                        output.WriteText(b == '\\' ? "\\\\" : ((char)b).ToString());
                }
                return Encoding.ASCII.GetString(output.Written);
            default:
                throw UnknownEncoding(format);
        }
    }

    static PgError UnknownEncoding(string format) => new(SqlState.InvalidParameterValue, $"unrecognized encoding: \"{format}\"");

    static byte[] Decode(string text, string format)
    {
        switch (format.ToLowerInvariant())
        {
            case "hex":
                return ByteaCodec.ParseHex(text);
            case "escape":
                return ByteaCodec.ParseEscaped(text);
            case "base64":
                var compact = string.Concat(text.Where(static c => !Utf8Text.IsSpace(c)));
                if (compact.FirstOrDefault(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '=')) is not '\0' and var bad)
                    throw new PgError(SqlState.InvalidParameterValue, $"invalid symbol \"{bad}\" found while decoding base64 sequence");
                if (!Base64.IsValid(compact))
                    throw new PgError(SqlState.InvalidParameterValue, "invalid base64 end sequence") { Hint = "Input data is missing padding, is truncated, or is otherwise corrupted." };
                return Convert.FromBase64String(compact);
            default:
                throw UnknownEncoding(format);
        }
    }

    static string FromEncoding(byte[] bytes, string encoding)
        => (ClientEncoding.Find(encoding) ?? throw UnknownCharacterSet(encoding, "source")).Decode(bytes);

    static byte[] ToEncoding(string text, string encoding)
        => (ClientEncoding.Find(encoding) ?? throw UnknownCharacterSet(encoding, "destination")).Encode(text);

    static PgError UnknownCharacterSet(string encoding, string role) => new(SqlState.InvalidParameterValue, $"invalid {role} encoding name \"{encoding}\"");
}
