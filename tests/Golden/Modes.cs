namespace PgVectorCompat.Golden;

/// <summary>The ways one corpus is run. <see cref="Postgres"/> holds, beside another, whenever the server is a real PostgreSQL.</summary>
static class Modes
{
    public const string Simple = "simple";
    public const string ExtendedText = "extended-text";
    public const string ExtendedBinary = "extended-binary";
    public const string Restart = "restart";
    public const string Postgres = "postgres";

    public static readonly string[] All = [Simple, ExtendedText, ExtendedBinary, Restart, Postgres];
}
