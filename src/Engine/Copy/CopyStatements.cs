using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>COPY.</summary>
internal static class CopyStatements
{
    /// <summary>Runs a COPY; its command tag.</summary>
    public static string Run(Sql.CopyStatement statement, UtilityCall call)
    {
        if (statement.IsProgram)
            throw PgError.Unsupported("COPY with PROGRAM", statement.Position);
        CopyEnds.RequireFileAccess(statement, call);
        var options = CopyOptions.Read(statement);
        var count = statement.IsFrom ? CopyFrom.Run(statement, options, call) : CopyTo.Run(statement, options, call);
        return $"COPY {count}";
    }
}
