namespace PgVectorCompat.Engine.Statements;

/// <summary>Booleans of a parenthesised option list, which take fewer words than settings do.</summary>
internal static class OptionFlags
{
    /// <summary>No value, <c>true</c>, <c>on</c> and <c>1</c>; <c>false</c>, <c>off</c> and <c>0</c>. Null for anything else.</summary>
    public static bool? Read(Sql.Option option) => option.Value?.Text.ToLowerInvariant() switch
    {
        null or "true" or "on" or "1" => true,
        "false" or "off" or "0" => false,
        _ => null,
    };
}
