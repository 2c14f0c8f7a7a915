namespace PgVectorCompat.Compat;

/// <summary>What tests/run.sh tells the tests by environment variables.</summary>
static class Targets
{
    /// <summary>Our built program, for tests that start and kill servers of their own.</summary>
    public static string Program => Need("PGVC_PROGRAM");

    /// <summary>The folder of the wordnet data set.</summary>
    public static string Wordnet => Need("PGVC_WORDNET");

    /// <summary>The server that Npgsql talks to: ours, or a real PostgreSQL, which proves the tests.</summary>
    public static string ConnectionString
    {
        get
        {
            var url = new Uri(Need("PGVC_URL"));
            var user = url.UserInfo.Split(':');
            var password = user.Length > 1 ? $";Password={Uri.UnescapeDataString(user[1])}" : "";
            return $"Host={url.Host};Port={url.Port};Username={Uri.UnescapeDataString(user[0])};Database={url.AbsolutePath.TrimStart('/')}"
                + $"{password};Include Error Detail=true;Timeout=15;Command Timeout=60";
        }
    }

    static string Need(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set: run these tests by tests/run.sh");
}
