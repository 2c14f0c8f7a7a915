using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Parts of columns as targets: <c>a[1]</c>, <c>a[1:2]</c>, <c>j['key'][0]</c>.</summary>
internal sealed class PartAssignment(BindingContext context, ExpressionBinder expressions)
{
    readonly Coercion _coercion = context.Coercion;

    /// <summary>What a value for this part must be. Raises 42804, and 0A000 for parts that cannot be assigned.</summary>
    public static (PgType Type, int Typmod) TypeOf(Sql.AssignmentTarget target, RelationColumn column)
    {
        var type = column.Type;
        if (target.Path.IsEmpty)
            return (type, column.Typmod);
        if (target.Path[0] is Sql.FieldIndirection field && type.Kind != TypeKind.Composite)
            throw new PgError(SqlState.DatatypeMismatch, $"cannot assign to field \"{field.Field}\" of column \"{target.Column}\" because its type {type} is not a composite type") { Position = target.Position };
        if (target.Path[0] is Sql.Subscript && type.Element is null && type.SubscriptType is null && type != PgTypes.Jsonb)
            throw new PgError(SqlState.DatatypeMismatch, $"cannot subscript type {type} because it does not support subscripting") { Position = target.Position };

        if (type == PgTypes.Jsonb)
        {
            if (target.Path.Any(step => step is Sql.Subscript { IsSlice: true }))
                throw new PgError(SqlState.DatatypeMismatch, "jsonb subscript does not support slices") { Position = target.Position };
            if (target.Path.All(step => step is Sql.Subscript))
                return (type, -1);
        }
        else if (type.Element is { } element && target.Path is [Sql.Subscript subscript])
        {
            return !subscript.IsSlice ? (element, column.Typmod)
                : subscript is { Lower: not null, Upper: not null } ? (type, -1)
                : throw PgError.Unsupported("assignment to a slice without both bounds", target.Position);
        }
        throw PgError.Unsupported("assignment to this part of a column", target.Position);
    }

    /// <summary>The column's value with the part replaced; <paramref name="value"/> is of the part's type.</summary>
    public BoundExpression Apply(BoundExpression whole, Sql.AssignmentTarget target, BoundExpression value)
    {
        if (whole.Type == PgTypes.Jsonb)
            return JsonbAssignment.Part(whole, [.. target.Path.Select(step => JsonSubscript(((Sql.Subscript)step).Upper!))], value);
        var subscript = (Sql.Subscript)target.Path[0];
        return subscript.IsSlice
            ? ArrayAssignment.Slice(whole, Index(subscript.Lower!), Index(subscript.Upper!), value)
            : ArrayAssignment.Element(whole, Index(subscript.Upper!), value);
    }

    BoundExpression Index(Sql.Expression syntax)
        => _coercion.Coerce(expressions.Bind(syntax), PgTypes.Int4, -1, CastContext.Assignment, Sql.Location.Of(syntax), () => new PgError(
            SqlState.DatatypeMismatch, "array subscript must have type integer"));

    BoundExpression JsonSubscript(Sql.Expression syntax)
    {
        var index = expressions.Bind(syntax);
        return index.Type.Category == TypeCategory.Numeric
            ? _coercion.Coerce(index, PgTypes.Int4, -1, CastContext.Assignment, Sql.Location.Of(syntax))
            : _coercion.Coerce(index, PgTypes.Text, -1, CastContext.Implicit, Sql.Location.Of(syntax));
    }
}
