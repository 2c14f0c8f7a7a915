using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>Short forms for functions that look something up in the catalog. All are stable and strict unless changed with <c>with</c>.</summary>
static class CatalogFunction
{
    public delegate Datum Body(ReadOnlySpan<Datum> arguments, NameResolver names);

    public delegate Datum SessionBody(ReadOnlySpan<Datum> arguments, EvaluationContext context);

    public static Function Lookup(string name, PgType result, PgType[] arguments, Body body)
        => Of(name, result, arguments, (given, context) => body(given, context.Session.NewNames()));

    public static Function Of(string name, PgType result, PgType[] arguments, SessionBody body)
        => Define.Function(name, result, arguments, (given, _, context) => body(given, context)) with { Volatility = Volatility.Stable };

    /// <summary>Text, or NULL for null.</summary>
    public static Datum Text(string? text) => Datum.Of((object?)text);

    public static Datum Oid(uint oid) => Datum.Of((long)oid);
}
