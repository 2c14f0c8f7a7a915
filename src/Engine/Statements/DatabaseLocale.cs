using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The options of CREATE DATABASE about locales and copying. There is one order of text, by code point, so only its names are taken.</summary>
static class DatabaseLocale
{
    /// <summary>
    /// The new database's collation. Raises 0A000 for locales that order otherwise and for ICU, 22023 when it differs from its template's (but for
    /// template0), 42P17 for other providers, 22023 for a strategy that is none.
    /// </summary>
    public static string Choose(Dictionary<string, string> options, DatabaseDefinition template)
    {
        if (options.GetValueOrDefault("strategy") is { } strategy && strategy.ToLowerInvariant() is not ("wal_log" or "file_copy"))
            throw new PgError(SqlState.InvalidParameterValue, $"invalid create database strategy \"{strategy}\"") { Hint = "Valid strategies are \"wal_log\" and \"file_copy\"." };
        switch (options.GetValueOrDefault("locale_provider")?.ToLowerInvariant())
        {
            case null or "libc":
                break;
            case "icu":
                throw PgError.Unsupported("locale provider icu");
            case var other:
                throw new PgError(SqlState.InvalidObjectDefinition, $"unrecognized locale provider: {other}");
        }
        if (options.ContainsKey("icu_locale"))
            throw new PgError(SqlState.InvalidObjectDefinition, "ICU locale cannot be specified unless locale provider is ICU");
        var locale = options.GetValueOrDefault("locale");
        if (locale is not null && (options.ContainsKey("lc_collate") || options.ContainsKey("lc_ctype")))
            throw PgError.Syntax("conflicting or redundant options", 0);
        var collate = Known(options.GetValueOrDefault("lc_collate") ?? locale) ?? template.Collation;
        var ctype = Known(options.GetValueOrDefault("lc_ctype") ?? locale) ?? template.Collation;
        if (template.Name != "template0")
            RequireSame("collation", collate, template.Collation);
        if (template.Name != "template0")
            RequireSame("LC_CTYPE", ctype, template.Collation);
        return collate;
    }

    static string? Known(string? locale) => locale is null || Collations.IsLocale(locale) ? locale : throw new PgError(SqlState.FeatureNotSupported, $"locale \"{locale}\" is not supported")
    {
        Detail = "Text is compared by code point, which the locales C, POSIX and C.UTF-8 stand for.",
    };

    static void RequireSame(string what, string written, string ofTemplate)
    {
        if (written == ofTemplate)
            return;
        throw new PgError(SqlState.InvalidParameterValue, $"new {what} ({written}) is incompatible with the {what} of the template database ({ofTemplate})")
        {
            Hint = $"Use the same {what} as in the template database, or use template0 as template.",
        };
    }
}
