using System.Collections.Immutable;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>
/// Makes values of one type into values of another, by PostgreSQL's rules: literals and parameters of unknown type take the type asked
/// for; otherwise pg_cast decides, by context. (PostgreSQL's parse_coerce.c describes the behaviour.)
/// </summary>
public sealed class Coercion(BindingContext context)
{
    readonly IBindingCatalog _catalog = context.Catalog;

    /// <summary>Whether a value of one type may stand where the other is expected.</summary>
    public bool CanCoerce(PgType from, PgType to, CastContext cast = CastContext.Implicit)
    {
        if (from == to || from == PgTypes.Unknown || to == PgTypes.Any) return true;
        if (IsPolymorphic(to)) return FitsPolymorphic(from, to);
        if (to.Kind == TypeKind.Domain) return CanCoerce(from, to.BaseType!, cast);
        if (from.Kind == TypeKind.Domain && !(to.Kind == TypeKind.Domain)) return CanCoerce(from.BaseType!, to, cast);
        if (FindPath(from, to, cast) is not null) return true;
        if (from == PgTypes.Record && to.Kind == TypeKind.Composite) return true;
        return from.Kind == TypeKind.Composite && to == PgTypes.Record
            || from.IsArray && to == PgTypes.RecordArray && from.Element!.Kind == TypeKind.Composite;
    }

    /// <summary>Whether the cast changes nothing in the value (varchar as text).</summary>
    public bool IsBinaryCoercible(PgType from, PgType to)
        => from == to || to == PgTypes.Any
           || (from.Kind == TypeKind.Domain && IsBinaryCoercible(from.BaseType!, to))
           || (to == PgTypes.AnyArray && from.IsArray) || to == PgTypes.AnyElement
           || (_catalog.FindCast(from, to) is { Function: null, Context: CastContext.Implicit });

    /// <summary>The value coerced, or null when the rules give no way.</summary>
    public BoundExpression? TryCoerce(BoundExpression value, PgType to, int typmod, CastContext cast, int position = 0)
    {
        var from = value.Type;

        if (from == to || to == PgTypes.Any || (IsPolymorphic(to) && from != PgTypes.Unknown))
            return ApplyTypmod(value, typmod, cast);

        if (from == PgTypes.Unknown)
            return FromUnknown(value, to, typmod, cast, position);

        if (to.Kind == TypeKind.Domain)
            return TryCoerce(value, to.BaseType!, -1, cast, position) is { } based ? ToDomain(based, to) : null;

        if (from.Kind == TypeKind.Domain)
            return TryCoerce(new BoundRelabel(value, from.BaseType!), to, typmod, cast, position);

        switch (FindPath(from, to, cast))
        {
            case CastPath.Function when _catalog.FindCast(from, to)?.Function is { } function:
                // A function of more arguments takes the modifier itself: int4 to bit(n) fills the bits from the right, and a vector's
                // dimensions are checked before its elements.
                return function.Arguments.Count switch
                {
                    2 => new BoundCall(function, [value, Integer(typmod)], to, Typmod: typmod),
                    3 when typmod >= 0 => new BoundCall(function, [value, Integer(typmod), new BoundConstant(Datum.Of(cast == CastContext.Explicit), PgTypes.Bool)], to, Typmod: typmod),
                    _ => ApplyTypmod(new BoundCall(function, [value], to), typmod, cast),
                };
            case CastPath.Relabel:
                return ApplyTypmod(new BoundRelabel(value, to), typmod, cast);
            case CastPath.Text:
                return ApplyTypmod(new BoundIoCast(value, to, -1, cast == CastContext.Explicit), typmod, cast);
            case CastPath.Array:
                var slot = context.NextSlot();
                var element = TryCoerce(new BoundCaseInput(slot, from.Element!), to.Element!, typmod, cast, position);
                return element is null ? null : new BoundArrayCast(value, element, to, typmod);
        }

        if (from == PgTypes.Record && to.Kind == TypeKind.Composite && value is BoundRow row)
            return RowToComposite(row, to, cast, position);
        if (from.Kind == TypeKind.Composite && to == PgTypes.Record)
            return new BoundRelabel(value, to);
        return null;
    }

    /// <summary>The value coerced. Raises 42846 for an explicit cast and <paramref name="error"/> otherwise.</summary>
    public BoundExpression Coerce(BoundExpression value, PgType to, int typmod, CastContext cast, int position, Func<PgError>? error = null)
        => TryCoerce(value, to, typmod, cast, position)
           ?? throw (error?.Invoke() ?? new PgError(SqlState.CannotCoerce, $"cannot cast type {value.Type} to {to}") { Position = position }).At(position);

    /// <summary>A condition. Raises 42804 <c>argument of WHERE must be type boolean, not type integer</c>.</summary>
    public BoundExpression ToBoolean(BoundExpression value, string clause, int position)
        => TryCoerce(value, PgTypes.Bool, -1, CastContext.Assignment, position) ?? throw new PgError(
            SqlState.DatatypeMismatch,
            value.Type == PgTypes.Unknown ? $"argument of {clause} must be type boolean" : $"argument of {clause} must be type boolean, not type {value.Type}").At(position);

    /// <summary>What is still of unknown type becomes text: the columns of a finished query.</summary>
    public BoundExpression ResolveUnknown(BoundExpression value)
        => value.Type == PgTypes.Unknown && value is not BoundDefault ? FromUnknown(value, PgTypes.Text, -1, CastContext.Implicit, 0) : value;

    /// <summary>
    /// The type that all of these can become: UNION, CASE, VALUES, ARRAY, COALESCE, IN. Raises 42804
    /// <c>UNION types integer and text cannot be matched</c>.
    /// </summary>
    public PgType CommonType(IReadOnlyList<BoundExpression> values, string construct, IReadOnlyList<int>? positions = null)
    {
        var common = PgTypes.Unknown;
        var allSame = values.Count > 0 && values[0].Type != PgTypes.Unknown;
        foreach (var value in values)
            allSame = allSame && value.Type == values[0].Type;
        if (allSame) return values[0].Type;

        for (var i = 0; i < values.Count; i++)
        {
            var type = values[i].Type.Kind == TypeKind.Domain ? values[i].Type.BaseType! : values[i].Type;
            if (type == PgTypes.Unknown || type == common) continue;
            if (common == PgTypes.Unknown)
                common = type;
            else if (type.Category != common.Category)
                throw new PgError(SqlState.DatatypeMismatch, $"{construct} types {common} and {type} cannot be matched") { Position = positions?[i] ?? 0 };
            else if (!common.IsPreferred && CanCoerce(common, type) && !CanCoerce(type, common))
                common = type;
        }
        return common == PgTypes.Unknown ? PgTypes.Text : common;
    }

    /// <summary>All values as their common type.</summary>
    public ImmutableArray<BoundExpression> ToCommonType(IReadOnlyList<BoundExpression> values, string construct, out PgType type, IReadOnlyList<int>? positions = null)
    {
        var common = type = CommonType(values, construct, positions);
        return
        [
            .. values.Select((value, i) => Coerce(value, common, -1, CastContext.Implicit, positions?[i] ?? 0, () => new PgError(
                SqlState.CannotCoerce, $"{construct} could not convert type {value.Type} to {common}"))),
        ];
    }

    static BoundConstant Integer(int value) => new(Datum.Of((long)value), PgTypes.Int4);

    enum CastPath { Function, Relabel, Text, Array }

    CastPath? FindPath(PgType from, PgType to, CastContext context)
    {
        if (_catalog.FindCast(from, to) is { } cast)
            return Allows(cast.Context, context) ? cast.Function is null ? CastPath.Relabel : CastPath.Function : null;

        if (from.IsArray && to.IsArray && FindPath(from.Element!, to.Element!, context) is not null)
            return CastPath.Array;
        if (from.IsArray && to.IsArray && from.Element! == to.Element!)
            return CastPath.Relabel;

        // Anything goes through text when asked to; into text also on assignment.
        if (context != CastContext.Implicit && to.Category == TypeCategory.String && (from.Kind != TypeKind.Pseudo || from == PgTypes.AnyArray))
            return CastPath.Text;
        if (context == CastContext.Explicit && (from.Category == TypeCategory.String || (from == PgTypes.Record && to.Category == TypeCategory.String)) && to.Kind != TypeKind.Pseudo)
            return CastPath.Text;
        return null;
    }

    static bool Allows(CastContext cast, CastContext asked) => Rank(asked) >= Rank(cast);
    static int Rank(CastContext context) => context switch { CastContext.Implicit => 0, CastContext.Assignment => 1, _ => 2 };

    BoundExpression FromUnknown(BoundExpression value, PgType to, int typmod, CastContext cast, int position)
    {
        switch (value)
        {
            case BoundParameter parameter:
                var resolved = context.Resolve(parameter, IsPolymorphic(to) ? PgTypes.Text : to);
                return resolved.Type == to ? ApplyTypmod(resolved, typmod, cast) : Coerce(resolved, to, typmod, cast, position);

            case BoundConstant constant:
                var type = to.Kind == TypeKind.Domain ? Base(to) : to;
                if (constant.Value.IsNull)
                    return to.Kind == TypeKind.Domain ? ToDomain(new BoundConstant(Datum.Null, type), to) : new BoundConstant(Datum.Null, type, typmod, constant.Position);
                var at = constant.Position != 0 ? constant.Position : position;
                try
                {
                    // interval's input function takes the modifier itself; others get the length coercion that an explicit cast may truncate by.
                    var read = type.Codec.Parse(constant.Value.AsString, type == PgTypes.Interval ? typmod : -1, context.Settings);
                    BoundExpression typed = new BoundConstant(read, type, -1, constant.Position);
                    return to.Kind == TypeKind.Domain ? ToDomain(typed, to) : ApplyTypmod(typed, typmod, cast);
                }
                catch (PgError error)
                {
                    throw error.At(at);
                }

            default:
                return to == PgTypes.Text ? new BoundRelabel(value, PgTypes.Text) : ApplyTypmod(new BoundIoCast(value, to), typmod, cast);
        }
    }

    static PgType Base(PgType type)
    {
        while (type.Kind == TypeKind.Domain)
            type = type.BaseType!;
        return type;
    }

    BoundExpression ApplyTypmod(BoundExpression value, int typmod, CastContext cast)
    {
        if (typmod < 0 || value.Typmod == typmod)
            return value;
        var modifier = value.Type.IsArray ? value.Type.Element!.Modifier : value.Type.Modifier;
        if (modifier is null)
            return value;
        if (value.Type.IsArray)
        {
            var slot = context.NextSlot();
            var element = new BoundTypmodCast(new BoundCaseInput(slot, value.Type.Element!), typmod, cast == CastContext.Explicit);
            return new BoundArrayCast(value, element, value.Type, typmod);
        }
        if (value is BoundConstant { Value.IsNull: true } nothing)
            return nothing with { Typmod = typmod };
        return new BoundTypmodCast(value, typmod, cast == CastContext.Explicit);
    }

    BoundExpression ToDomain(BoundExpression value, PgType domain)
    {
        var definition = _catalog.FindDomain(domain) ?? throw new PgError(SqlState.UndefinedObject, $"type \"{domain}\" does not exist");
        if (definition.BaseType!.Kind == TypeKind.Domain)
            value = ToDomain(value, definition.BaseType!);
        value = ApplyTypmod(value, definition.Typmod, CastContext.Assignment);
        var slot = context.NextSlot();
        var input = new BoundCaseInput(slot, definition.BaseType!, definition.Typmod);
        var checks = definition.Checks.Select(check => (check.Name, new ExpressionBinder(context, Scope.ForDomain(input)).BindText(check.Expression!, PgTypes.Bool)));
        return new BoundDomainCast(value, domain, slot, definition.NotNull, [.. checks]);
    }

    BoundRow? RowToComposite(BoundRow row, PgType to, CastContext cast, int position)
    {
        if (_catalog.CompositeColumns(to) is not { } columns)
            return null;
        if (columns.Length != row.Fields.Length)
            throw new PgError(SqlState.CannotCoerce, $"cannot cast type record to {to}")
            {
                Position = position,
                Detail = row.Fields.Length < columns.Length ? "Input has too few columns." : "Input has too many columns.",
            };
        var fields = row.Fields.Zip(columns).Select((pair, i) => Coerce(pair.First, pair.Second.Type, pair.Second.Typmod, cast, position, () => new PgError(
            SqlState.CannotCoerce, $"cannot cast type record to {to}")
        { Detail = $"Cannot cast type {pair.First.Type} to {pair.Second.Type} in column {i + 1}." }));
        return new BoundRow([.. fields], [.. columns.Select(column => column.Name)], to);
    }

    public static bool IsPolymorphic(PgType type)
        => type == PgTypes.AnyElement || type == PgTypes.AnyArray || type == PgTypes.AnyNonArray || type == PgTypes.AnyEnum || type == PgTypes.AnyRange
           || type == PgTypes.AnyCompatible || type == PgTypes.AnyCompatibleArray || type == PgTypes.AnyCompatibleNonArray;

    static bool FitsPolymorphic(PgType from, PgType to)
        => to == PgTypes.AnyArray || to == PgTypes.AnyCompatibleArray ? from.IsArray || from == PgTypes.AnyArray || Base(from).IsArray
            : to == PgTypes.AnyNonArray || to == PgTypes.AnyCompatibleNonArray ? !from.IsArray
            : to == PgTypes.AnyEnum ? from.Kind == TypeKind.Enum
            : to != PgTypes.AnyRange || from.Kind == TypeKind.Range;
}
