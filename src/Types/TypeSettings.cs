namespace PgVectorCompat.Types;

/// <summary>Order of day and month in ambiguous dates, and in the non-ISO output styles.</summary>
public enum DateOrder { MonthDayYear, DayMonthYear, YearMonthDay }

/// <summary>First word of the <c>DateStyle</c> setting.</summary>
public enum DateStyle { Iso, Sql, Postgres, German }

/// <summary>The <c>IntervalStyle</c> setting.</summary>
public enum IntervalStyle { Postgres, PostgresVerbose, SqlStandard, Iso8601 }

/// <summary>What a session's settings change about the text forms of values. Immutable: a SET makes a new one.</summary>
public sealed record TypeSettings
{
    public static readonly TypeSettings Default = new();

    public DateStyle DateStyle { get; init; } = DateStyle.Iso;
    public DateOrder DateOrder { get; init; } = DateOrder.MonthDayYear;
    public IntervalStyle IntervalStyle { get; init; } = IntervalStyle.Postgres;

    /// <summary>The session's time zone.</summary>
    public PgTimeZone TimeZone { get; init; } = PgTimeZone.Utc;

    /// <summary>-15 to 3; from 1 on floats are written with the fewest digits that read back to the same value.</summary>
    public int ExtraFloatDigits { get; init; } = 1;

    /// <summary>Whether bytea is written as <c>\x…</c> (else in the escape format).</summary>
    public bool ByteaOutputHex { get; init; } = true;

    /// <summary>Start of the current transaction in microseconds from 2000-01-01 UTC: what 'now', 'today' and kin mean in input.</summary>
    public long TransactionTimestamp { get; init; }

    /// <summary>Whether identifiers in output are quoted even when they need not be (<c>quote_all_identifiers</c>).</summary>
    public bool QuoteAllIdentifiers { get; init; }

    /// <summary>The encoding of the client's texts (<c>client_encoding</c>); null when they come and go as they are.</summary>
    public ClientEncoding? ClientEncoding { get; init; }

    /// <summary>Names of catalog objects, for the reg* types; without it they are read and written as numbers.</summary>
    public IRegNames? Names { get; init; }
}
