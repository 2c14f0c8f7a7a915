using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>pgvc_backup: the server copies its data directory, as of now, into a new folder on its own machine. For superusers.</summary>
static class BackupFunctions
{
    public static readonly FunctionTable Table = new(
    [
        Define.Set("pgvc_backup", PgTypes.Record, [PgTypes.Text, PgTypes.Text], (arguments, _, context) => Backup(arguments[0], arguments[1], context)) with
        {
            Volatility = Volatility.Volatile,
            IsStrict = false,
            ArgumentNames = ["target", "base"],
            Defaults = [Datum.Null],
            OutputColumns = [("taken", PgTypes.TimestampTz), ("files", PgTypes.Int8), ("copied_bytes", PgTypes.Int8), ("linked_bytes", PgTypes.Int8)],
        },
    ]);

    static IEnumerable<Datum[]> Backup(Datum target, Datum basedOn, EvaluationContext context)
    {
        if (!context.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied for function pgvc_backup");
        if (target.IsNull || !Path.IsPathRooted(target.As<string>()))
            throw new PgError(SqlState.InvalidName, "the backup's folder must be an absolute path on the server");
        var result = context.Session.Cluster.Store.Backup(target.As<string>(), basedOn.IsNull ? null : basedOn.As<string>(), context.Session.Interrupts.Token);
        var taken = (result.Manifest.Taken - new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)).Ticks / TimeSpan.TicksPerMicrosecond;
        yield return [Datum.Of(taken), Datum.Of((long)result.Manifest.Files.Count), Datum.Of(result.CopiedBytes), Datum.Of(result.LinkedBytes)];
    }
}
