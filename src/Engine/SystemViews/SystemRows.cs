using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>Short forms for writing system tables: a table is its columns as <c>"name type, …"</c> and a function that makes its rows.</summary>
static class SystemRows
{
    /// <summary>A table of pg_catalog over the catalog as the session sees it.</summary>
    public static SystemTable Table(uint oid, string name, string columns, Func<NameResolver, IEnumerable<Datum[]>> rows)
        => Of(oid, name, WellKnownOids.PgCatalog, isView: false, columns, context => rows(context.Session.NewNames()));

    /// <summary>A view of pg_catalog over the catalog as the session sees it.</summary>
    public static SystemTable View(uint oid, string name, string columns, Func<NameResolver, IEnumerable<Datum[]>> rows)
        => Of(oid, name, WellKnownOids.PgCatalog, isView: true, columns, context => rows(context.Session.NewNames()));

    /// <summary>A view of pg_catalog over the running server.</summary>
    public static SystemTable Live(uint oid, string name, string columns, Func<EvaluationContext, IEnumerable<Datum[]>> rows)
        => Of(oid, name, WellKnownOids.PgCatalog, isView: true, columns, rows);

    /// <summary>A table that can only be empty here: what it lists cannot be made.</summary>
    public static SystemTable Empty(uint oid, string name, string columns, bool isView = false)
        => Of(oid, name, WellKnownOids.PgCatalog, isView, columns, _ => []);

    /// <summary>A view of information_schema.</summary>
    public static SystemTable Schema(uint oid, string name, string columns, Func<NameResolver, IEnumerable<Datum[]>> rows)
        => Of(oid, name, WellKnownOids.InformationSchema, isView: true, columns, context => rows(context.Session.NewNames()));

    static SystemTable Of(uint oid, string name, uint schema, bool isView, string columns, Func<EvaluationContext, IEnumerable<Datum[]>> rows) => new()
    {
        Oid = oid,
        Name = name,
        Schema = schema,
        IsView = isView,
        Columns = [.. columns.Split(',', StringSplitOptions.TrimEntries).Select(Column)],
        Rows = rows,
    };

    static (string, PgType) Column(string column)
    {
        var parts = column.Split(' ');
        return (parts[0], PgTypes.Find(parts[1]) ?? throw new ArgumentException($"no type {parts[1]} for column {parts[0]}"));
    }

    // Values, by the shortest names that still tell.

    public static readonly Datum Null = Datum.Null;

    public static Datum Oid(uint value) => Datum.Of((long)value);
    public static Datum Int(long value) => Datum.Of(value);
    public static Datum Int(long? value) => value is { } known ? Datum.Of(known) : Datum.Null;
    public static Datum Real(double value) => Datum.Of(value);
    public static Datum Bool(bool value) => Datum.Of(value);
    public static Datum Char(char value) => Datum.Of((long)value);

    /// <summary>Text, or NULL for null.</summary>
    public static Datum Text(string? value) => Datum.Of((object?)value);

    /// <summary>An array of text, NULL when there are no items.</summary>
    public static Datum TextsOrNull(IEnumerable<string> items) => items.ToList() is { Count: > 0 } list ? Texts(list) : Datum.Null;

    public static Datum Texts(IEnumerable<string> items) => Datum.Of(new PgArray(PgTypes.Text, [.. items.Select(item => Text(item))]));
    public static Datum Names(IEnumerable<string> items) => Datum.Of(new PgArray(PgTypes.Name, [.. items.Select(item => Text(item))]));
    public static Datum Int2s(IEnumerable<short> items) => Datum.Of(new PgArray(PgTypes.Int2, [.. items.Select(item => Int(item))]));
    public static Datum Oids(IEnumerable<uint> items) => Datum.Of(new PgArray(PgTypes.Oid, [.. items.Select(Oid)]));

    /// <summary>int2vector: subscripts from 0.</summary>
    public static Datum Int2Vector(IEnumerable<short> items) => Datum.Of(new NumberListCodec(PgTypes.Int2).Make([.. items.Select(item => Int(item))]));

    public static Datum OidVector(IEnumerable<uint> items) => Datum.Of(new NumberListCodec(PgTypes.Oid).Make([.. items.Select(Oid)]));

    /// <summary>An access control list, as text; NULL for the built-in defaults.</summary>
    public static Datum Acl(CatalogObject item, NameResolver names)
        => item.Acl is { } acl ? Texts(acl.Select(entry => entry.ToText(names.Snapshot.Shared))) : Datum.Null;

    /// <summary>WITH options as <c>{name=value}</c>; NULL when there are none.</summary>
    public static Datum Options(IReadOnlyDictionary<string, string> options) => TextsOrNull(options.Select(option => $"{option.Key}={option.Value}"));

    /// <summary>A timestamptz for a point in time.</summary>
    public static Datum Time(DateTimeOffset? value) => value is { } time ? Datum.Of((time - Epoch).Ticks / TimeSpan.TicksPerMicrosecond) : Datum.Null;

    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
