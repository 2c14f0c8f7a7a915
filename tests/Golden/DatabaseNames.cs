namespace PgVectorCompat.Golden;

/// <summary>Names of the scripts' databases on one server: two scripts of one name in two folders must not get one database.</summary>
sealed class DatabaseNames
{
    // A server cuts names at 63 bytes; the rest is for the number.
    const int Longest = 56;

    readonly HashSet<string> _given = [];

    /// <summary>A name not given before that tells which script it is for.</summary>
    public string For(string script)
    {
        var name = "slt_" + string.Concat(script.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_'));
        if (name.Length > Longest) name = name[..Longest];
        var free = name;
        for (var number = 2; !_given.Add(free); number++) free = $"{name}_{number}";
        return free;
    }
}
