using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.CatalogFunctions.CatalogFunction;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>Functions that act on the session: settings, notifications, waiting; and what tells of values without looking at them.</summary>
static class SettingFunctions
{
    public static FunctionTable Table => new(
    [
        Of("current_setting", PgTypes.Text, [PgTypes.Text], (arguments, context) => Text(SettingStatements.Display(context.Session, arguments[0].AsString))),
        Of("current_setting", PgTypes.Text, [PgTypes.Text, PgTypes.Bool], (arguments, context) => arguments[1].AsBool && context.Session.Settings.Find(arguments[0].AsString) is null
            ? Datum.Null
            : Text(SettingStatements.Display(context.Session, arguments[0].AsString))),
        Of("set_config", PgTypes.Text, [PgTypes.Text, PgTypes.Text, PgTypes.Bool], SetConfig) with { Volatility = Volatility.Volatile, IsStrict = false },
        Of("pg_notify", PgTypes.Void, [PgTypes.Text, PgTypes.Text], (arguments, context) =>
        {
            NotifyStatements.Send(context.Session, arguments[0].IsNull ? "" : arguments[0].AsString, arguments[1].IsNull ? "" : arguments[1].AsString);
            return Text("");
        }) with { Volatility = Volatility.Volatile, IsStrict = false },
        Define.Set("pg_listening_channels", PgTypes.Text, [], (_, _, context) => context.Session.Notifications.Channels.Select(channel => new[] { Text(channel) })) with { Volatility = Volatility.Stable },
        // Counters are true at once.
        Of("pg_stat_force_next_flush", PgTypes.Void, [], (_, _) => Text("")) with { Volatility = Volatility.Volatile },
        Of("pg_stat_clear_snapshot", PgTypes.Void, [], (_, _) => Text("")) with { Volatility = Volatility.Volatile },
        Of("pg_stat_reset", PgTypes.Void, [], (_, context) => Reset(context, "pg_stat_reset", all: true, _ => true)) with { Volatility = Volatility.Volatile },
        Of("pg_stat_reset_single_table_counters", PgTypes.Void, [PgTypes.Oid], (arguments, context) =>
        {
            var oid = (uint)arguments[0].AsInt64;
            return Reset(context, "pg_stat_reset_single_table_counters", all: false, relation => relation.Oid == oid);
        }) with { Volatility = Volatility.Volatile },
        Of("pg_sleep", PgTypes.Void, [PgTypes.Float8], (arguments, context) => Sleep(arguments[0].AsDouble, context)) with { Volatility = Volatility.Volatile },
        Define.Function("pg_column_size", PgTypes.Int4, [PgTypes.Any], static (arguments, site, _) => Datum.Of((long)StoredSize(arguments[0], site.ArgumentTypes[0]))) with { Volatility = Volatility.Stable },
        Define.Function("pg_collation_for", PgTypes.Text, [PgTypes.Any], static (_, site, _) => site.ArgumentTypes[0].IsCollatable ? Text("\"default\"") : Datum.Null) with { IsStrict = false, Volatility = Volatility.Stable },
    ]);

    static Datum SetConfig(ReadOnlySpan<Datum> arguments, EvaluationContext context)
    {
        if (arguments[0].IsNull)
            throw new PgError(SqlState.NullValueNotAllowed, "SET requires parameter name");
        var name = arguments[0].AsString;
        if (arguments[1].IsNull)
            context.Session.Settings.Reset(name, arguments[2].AsBool, context.Session.IsSuperuser);
        else
            SettingStatements.Assign(context.Session, name, arguments[1].AsString, !arguments[2].IsNull && arguments[2].AsBool);
        return Text(SettingStatements.Display(context.Session, name));
    }

    static Datum Reset(EvaluationContext context, string function, bool all, Func<Relation, bool> isMeant)
    {
        var session = context.Session;
        if (!session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied for function {function}");
        foreach (var relation in session.NewNames().Snapshot.All<Relation>().Where(relation => relation.HasRows && isMeant(relation)))
            session.Cluster.Tables.Activity(relation.Oid).Reset();
        if (all)
            session.Cluster.ActivityOf(session.DatabaseOid).Reset(session.Cluster.Time.GetUtcNow());
        return Text("");
    }

    static Datum Sleep(double seconds, EvaluationContext context)
    {
        var until = context.ClockTimestamp + (long)(Math.Clamp(seconds, 0, 1e9) * 1e6);
        while (context.ClockTimestamp is var now && now < until)
        {
            context.ThrowIfCancelled();
            // Short naps, since a cancelled sleep must end soon.
            Thread.Sleep(TimeSpan.FromMicroseconds(Math.Min(until - now, 20_000)));
        }
        return Text("");
    }

    static int StoredSize(Datum value, PgType type)
    {
        if (type.Length > 0)
            return type.Length;
        // The vector types have pgvector's headers: length, dimensions, and for sparsevec the count.
        if (type == PgTypes.Vector || type == PgTypes.RuVector) return 8 + 4 * value.As<float[]>().Length;
        if (type == PgTypes.HalfVec) return 8 + 2 * value.As<Half[]>().Length;
        if (type == PgTypes.SparseVec) return 16 + 8 * value.As<SparseVector>().Indices.Length;
        var bytes = new ByteWriter();
        type.Codec.WriteStored(value, bytes);
        return bytes.Length + 4;
    }
}
