namespace PgVectorCompat.Types;

/// <summary>What a time zone says about one instant.</summary>
/// <param name="Seconds">Local time minus UTC; positive east of Greenwich.</param>
/// <param name="Abbreviation">Such as CET or EDT; <c>+03</c> where people use none.</param>
public readonly record struct TimeZoneOffset(int Seconds, bool IsDaylight, string Abbreviation);
