using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>A time zone: an entry of the system's time zone database, a POSIX rule, or a fixed offset.</summary>
/// <remarks>
/// The database's files (TZif, RFC 9636) are read directly because <see cref="TimeZoneInfo"/> knows neither abbreviations nor offsets with
/// seconds, both of which PostgreSQL prints. They are looked for in <c>TZDIR</c> and the usual folder; without them only UTC, POSIX
/// rules and fixed offsets exist.
/// </remarks>
public sealed class PgTimeZone
{
    static readonly ConcurrentDictionary<string, PgTimeZone?> Known = new(StringComparer.OrdinalIgnoreCase);
    static readonly Lazy<Dictionary<string, string>> Files = new(ListFiles);

    public static readonly PgTimeZone Utc = new("UTC", [], [], [new(0, false, "UTC")], null);

    readonly long[] _transitions;
    readonly byte[] _transitionOffsets;
    readonly TimeZoneOffset[] _offsets;
    readonly PosixTimeZone? _rule;

    PgTimeZone(string name, long[] transitions, byte[] transitionOffsets, TimeZoneOffset[] offsets, PosixTimeZone? rule)
    {
        Name = name;
        _transitions = transitions;
        _transitionOffsets = transitionOffsets;
        _offsets = offsets;
        _rule = rule;
    }

    /// <summary>The name as SHOW TimeZone gives it.</summary>
    public string Name { get; }

    /// <summary>Whether this machine has a time zone database.</summary>
    public static bool HasDatabase => Files.Value.Count > 0;

    /// <summary>Names in the database, sorted.</summary>
    public static IEnumerable<string> Names => Files.Value.Keys.Order(StringComparer.Ordinal);

    /// <summary>A zone that is always <paramref name="seconds"/> east of Greenwich, named as PostgreSQL names it (<c>&lt;-08&gt;+08</c>).</summary>
    public static PgTimeZone Fixed(int seconds)
    {
        var size = Math.Abs(seconds);
        var digits = (size / 3600).ToString("00", CultureInfo.InvariantCulture)
            + (size % 3600 == 0 ? "" : $":{size / 60 % 60:00}") + (size % 60 == 0 ? "" : $":{size % 60:00}");
        var (sign, opposite) = seconds < 0 ? ('-', '+') : ('+', '-');
        return new($"<{sign}{digits}>{opposite}{digits}", [], [], [new(seconds, false, $"{sign}{digits}")], null);
    }

    /// <summary>The zone with this name (any case) or POSIX rule; null when there is none.</summary>
    public static PgTimeZone? Find(string name) => name.Length > 255 ? null : Known.GetOrAdd(name, Load);

    /// <summary>As <see cref="Find"/>; raises 22023.</summary>
    public static PgTimeZone Get(string name) => Find(name) ?? throw Unknown(name);

    public static PgError Unknown(string name) => new(SqlState.InvalidParameterValue, $"time zone \"{name}\" not recognized")
    {
        Hint = HasDatabase ? null : "This machine has no time zone database; only UTC, numeric offsets and POSIX rules are known.",
    };

    static PgTimeZone? Load(string name)
    {
        if (name.Equals("UTC", StringComparison.OrdinalIgnoreCase))
            return Utc;
        if (Files.Value.TryGetValue(name, out var path))
            return Read(CanonicalName(name), File.ReadAllBytes(path));
        return PosixTimeZone.Parse(name) is { } rule ? new(name, [], [], [rule.At(0)], rule) : null;
    }

    static string CanonicalName(string name)
        => Files.Value.Keys.First(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));

    static Dictionary<string, string> ListFiles()
    {
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var root = Environment.GetEnvironmentVariable("TZDIR") is { Length: > 0 } stated ? stated : "/usr/share/zoneinfo";
        if (!Directory.Exists(root))
            return files;
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(root, path).Replace('\\', '/');
            if (char.IsAsciiLetterUpper(name[0]))
                files.TryAdd(name, path);
        }
        return files;
    }

    static PgTimeZone? Read(string name, ReadOnlySpan<byte> file)
    {
        const int headerSize = 44;
        if (file.Length < headerSize || !file.StartsWith("TZif"u8))
            return null;
        // Version 2 files repeat the 32-bit data with 64-bit times; only those are read.
        if (file[4] >= (byte)'2')
            file = file[(headerSize + BlockSize(file, 4))..];
        var timeSize = file[4] >= (byte)'2' ? 8 : 4;
        int transitionCount = Count(file, 32), typeCount = Count(file, 36), characterCount = Count(file, 40);
        var body = file[headerSize..];
        var transitions = new long[transitionCount];
        for (var i = 0; i < transitionCount; i++)
            transitions[i] = timeSize == 8 ? BinaryPrimitives.ReadInt64BigEndian(body[(i * 8)..]) : BinaryPrimitives.ReadInt32BigEndian(body[(i * 4)..]);
        var indexes = body.Slice(transitionCount * timeSize, transitionCount).ToArray();
        var types = body[(transitionCount * (timeSize + 1))..];
        var characters = types.Slice(typeCount * 6, characterCount);
        var offsets = new TimeZoneOffset[typeCount];
        for (var i = 0; i < typeCount; i++)
        {
            var abbreviation = characters[types[i * 6 + 5]..];
            offsets[i] = new(BinaryPrimitives.ReadInt32BigEndian(types[(i * 6)..]), types[i * 6 + 4] != 0, Encoding.ASCII.GetString(abbreviation[..abbreviation.IndexOf((byte)0)]));
        }
        var footer = Encoding.ASCII.GetString(file[(headerSize + BlockSize(file, timeSize))..]).Trim('\n');
        return new(name, transitions, indexes, offsets, timeSize == 8 ? PosixTimeZone.Parse(footer) : null);
    }

    static int Count(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt32BigEndian(header[at..]);

    static int BlockSize(ReadOnlySpan<byte> header, int timeSize)
        => Count(header, 32) * (timeSize + 1) + Count(header, 36) * 6 + Count(header, 40) + Count(header, 28) * (timeSize + 4) + Count(header, 24) + Count(header, 20);

    /// <summary>The offset at <paramref name="utc"/> microseconds from 2000-01-01 UTC.</summary>
    public TimeZoneOffset At(long utc)
        => _transitions.Length == 0 && _rule is null ? _offsets[0] : AtUnix(Calendar.FloorDivide(utc, Calendar.MicrosPerSecond) + Calendar.SecondsFrom1970To2000);

    TimeZoneOffset AtUnix(long seconds)
    {
        if (_rule is not null && (_transitions.Length == 0 || seconds >= _transitions[^1]))
            return _rule.At(seconds);
        var next = UpperBound(seconds);
        return _offsets[next == 0 ? 0 : _transitionOffsets[next - 1]];
    }

    /// <summary>Index of the first transition after <paramref name="seconds"/>.</summary>
    int UpperBound(long seconds)
    {
        var found = Array.BinarySearch(_transitions, seconds);
        return found >= 0 ? found + 1 : ~found;
    }

    long? NextTransition(long seconds)
    {
        var next = UpperBound(seconds);
        return next < _transitions.Length ? _transitions[next] : _rule?.NextTransition(seconds);
    }

    /// <summary>
    /// The offset for <paramref name="local"/> microseconds from 2000-01-01 on this zone's clock. A time that clocks skip counts by
    /// the offset before the change, one that they show twice by the offset after it.
    /// </summary>
    public TimeZoneOffset AtLocal(long local)
    {
        if (_transitions.Length == 0 && _rule is null)
            return _offsets[0];
        var clock = Calendar.FloorDivide(local, Calendar.MicrosPerSecond) + Calendar.SecondsFrom1970To2000;
        var from = clock - 86400;
        var before = AtUnix(from);
        if (NextTransition(from) is not { } change)
            return before;
        var after = AtUnix(change);
        long byBefore = clock - before.Seconds, byAfter = clock - after.Seconds;
        if (byBefore < change && byAfter < change)
            return before;
        if (byBefore > change && byAfter >= change)
            return after;
        return byBefore > byAfter ? before : after;
    }
}
