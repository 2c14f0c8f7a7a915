namespace PgVectorCompat.Types;

/// <summary>PostgreSQL's numeric.</summary>
public sealed class PgNumeric;
