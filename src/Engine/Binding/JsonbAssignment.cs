using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary><c>SET j['a'][1] = x</c> on jsonb: the column's new value as an expression over its old one.</summary>
internal static class JsonbAssignment
{
    /// <summary>Arguments of the call: the document (or NULL), the value, then the subscripts as integers or text.</summary>
    public static BoundCall Part(BoundExpression document, IReadOnlyList<BoundExpression> subscripts, BoundExpression value)
        => new(new Function
        {
            Name = "jsonb_assign",
            Arguments = [PgTypes.Jsonb, PgTypes.Jsonb, .. subscripts.Select(subscript => subscript.Type)],
            Result = PgTypes.Jsonb,
            IsStrict = false,
            Body = (arguments, _, _) => Assign(arguments[0], arguments[1], arguments[2..]),
        }, [document, value, .. subscripts], PgTypes.Jsonb);

    static Datum Assign(Datum document, Datum value, ReadOnlySpan<Datum> subscripts)
    {
        var path = new JsonbStep[subscripts.Length];
        for (var i = 0; i < path.Length; i++)
        {
            if (subscripts[i].IsNull)
                throw new PgError(SqlState.NullValueNotAllowed, "jsonb subscript in assignment must not be null");
            path[i] = subscripts[i].IsInBits ? new(null, subscripts[i].AsInt32) : new(subscripts[i].AsString, 0);
        }
        return Datum.Of(JsonbOperations.Assign(document.IsNull ? null : document.As<JsonbValue>(), path, value.IsNull ? JsonbValue.Null : value.As<JsonbValue>()));
    }
}
