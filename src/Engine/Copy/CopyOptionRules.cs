using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>What COPY's options must satisfy together, with PostgreSQL's errors in PostgreSQL's order.</summary>
internal static class CopyOptionRules
{
    /// <summary>Characters that would read as part of an escape or of a value.</summary>
    const string NoDelimiterInText = "\\.abcdefghijklmnopqrstuvwxyz0123456789";

    public static void CheckTexts(CopyFormat format, string delimiter, string nullText, string? defaultText)
    {
        if (!IsOneByte(delimiter)) throw Unsupported("COPY delimiter must be a single one-byte character");
        if (delimiter[0] is '\r' or '\n') throw Invalid("COPY delimiter cannot be newline or carriage return");
        if (nullText.AsSpan().ContainsAny('\r', '\n')) throw Invalid("COPY null representation cannot use newline or carriage return");
        if (defaultText is not null && defaultText.AsSpan().ContainsAny('\r', '\n')) throw Invalid("COPY default representation cannot use newline or carriage return");
        if (format == CopyFormat.Text && NoDelimiterInText.Contains(delimiter[0])) throw Invalid($"COPY delimiter cannot be \"{delimiter}\"");
    }

    public static void CheckCsv(Func<string, bool> isWritten, bool isCsv, bool isFrom, string delimiter, string nullText, string quote, string escape, string? defaultText)
    {
        if (!isCsv && isWritten("quote")) throw Unsupported("COPY QUOTE requires CSV mode");
        if (isCsv && !IsOneByte(quote)) throw Unsupported("COPY quote must be a single one-byte character");
        if (isCsv && delimiter[0] == quote[0]) throw Invalid("COPY delimiter and quote must be different");
        if (!isCsv && isWritten("escape")) throw Unsupported("COPY ESCAPE requires CSV mode");
        if (isCsv && !IsOneByte(escape)) throw Unsupported("COPY escape must be a single one-byte character");
        if (isWritten("force_quote"))
        {
            if (!isCsv) throw Unsupported("COPY FORCE_QUOTE requires CSV mode");
            if (isFrom) throw Unsupported("COPY FORCE_QUOTE cannot be used with COPY FROM");
        }
        RequireCsvFrom("force_not_null", "COPY FORCE_NOT_NULL");
        RequireCsvFrom("force_null", "COPY FORCE_NULL");

        if (nullText.Contains(delimiter[0])) throw Invalid("COPY delimiter character must not appear in the NULL specification");
        if (isCsv && nullText.Contains(quote[0])) throw Invalid("CSV quote character must not appear in the NULL specification");
        if (defaultText is null) return;
        if (!isFrom) throw Unsupported("COPY DEFAULT cannot be used with COPY TO");
        if (defaultText.Contains(delimiter[0])) throw Unsupported("COPY delimiter character must not appear in the DEFAULT specification");
        if (isCsv && defaultText.Contains(quote[0])) throw Unsupported("CSV quote character must not appear in the DEFAULT specification");
        if (defaultText == nullText) throw Unsupported("NULL specification and DEFAULT specification cannot be the same");

        void RequireCsvFrom(string option, string name)
        {
            if (!isWritten(option)) return;
            if (!isCsv) throw Unsupported(name + " requires CSV mode");
            if (!isFrom) throw Invalid(name + " cannot be used with COPY TO");
        }
    }

    static bool IsOneByte(string text) => Encoding.UTF8.GetByteCount(text) == 1;
    static PgError Unsupported(string message) => new(SqlState.FeatureNotSupported, message);
    static PgError Invalid(string message) => new(SqlState.InvalidParameterValue, message);
}
