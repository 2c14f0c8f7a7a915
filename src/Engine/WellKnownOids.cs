namespace PgVectorCompat.Engine;

/// <summary>OIDs that PostgreSQL fixes and clients know by heart.</summary>
public static class WellKnownOids
{
    // Schemas
    public const uint PgCatalog = 11;
    public const uint PgToast = 99;
    public const uint Public = 2200;
    public const uint InformationSchema = 13_000;

    // Databases
    public const uint Template1 = 1;
    public const uint Template0 = 4;
    public const uint PostgresDatabase = 5;

    // The first superuser
    public const uint BootstrapSuperuser = 10;

    // Predefined roles with a meaning here
    public const uint DatabaseOwner = 6171;
    public const uint ReadAllData = 6181;
    public const uint WriteAllData = 6182;

    // System catalogs, as classid in pg_depend, pg_description and kin
    public const uint PgType = 1247;
    public const uint PgAttribute = 1249;
    public const uint PgProc = 1255;
    public const uint PgClass = 1259;
    public const uint PgAuthid = 1260;
    public const uint PgDatabase = 1262;
    public const uint PgConstraint = 2606;
    public const uint PgNamespace = 2615;
    public const uint PgExtension = 3079;

    /// <summary>The first OID of objects that users make. Types and functions of the vector extensions have fixed ones below it and from 16385 on.</summary>
    public const uint FirstUserObject = 20_000;
}
