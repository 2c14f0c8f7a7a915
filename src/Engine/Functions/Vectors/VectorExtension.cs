using System.Diagnostics;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>What the function tables of the vector types have in common.</summary>
static class VectorExtension
{
    /// <summary>The table with everything in it marked as the extension's.</summary>
    public static FunctionTable Owned(string extension, IEnumerable<Function> functions, IEnumerable<Operator> operators, IEnumerable<Cast> casts)
    {
        // An operator's function is often in the list of functions too; both must stay one object.
        var owned = new Dictionary<Function, Function>();
        Function Own(Function function)
        {
            if (!owned.TryGetValue(function, out var mine))
                owned[function] = mine = function with { Extension = extension };
            return mine;
        }
        return new(
            [.. functions.Select(Own)],
            [.. operators.Select(op => op with { Function = Own(op.Function) })],
            [.. casts.Select(cast => cast with { Function = Own(cast.Function!) })]);
    }

    /// <summary>The operators of a type's B-tree order, over functions named for the type (<c>vector_lt</c>), and its comparison.</summary>
    public static (Function Compare, Operator[] Operators) Order(PgType type)
    {
        var codec = type.Codec;
        Operator Comparison(string name, string suffix, int strategy, string commutator, string negator, Func<int, bool> holds)
            => Define.Operator(name, PgTypes.Bool, type, type, $"{type.Name}_{suffix}", (a, b) => Datum.Of(holds(codec.Compare(a, b))), strategy)
                with { Commutator = commutator, Negator = negator };

        return (
            Define.Function($"{type.Name}_cmp", PgTypes.Int4, type, type, (a, b) => Datum.Of((long)codec.Compare(a, b))),
            [
                Comparison("<", "lt", 1, ">", ">=", order => order < 0),
                Comparison("<=", "le", 2, ">=", ">", order => order <= 0),
                Comparison("=", "eq", 3, "=", "<>", order => order == 0),
                Comparison("<>", "ne", 0, "<>", "=", order => order != 0),
                Comparison(">=", "ge", 4, "<=", "<", order => order >= 0),
                Comparison(">", "gt", 5, "<", "<=", order => order > 0),
            ]);
    }

    /// <summary>The functions that pg_type names: input, output, typmod, binary.</summary>
    public static IEnumerable<Function> InputOutput(PgType type)
    {
        var codec = type.Codec;
        return
        [
            Define.Function($"{type.Name}_in", type, [PgTypes.CString, PgTypes.Oid, PgTypes.Int4], (arguments, _, context) => codec.Parse(arguments[0].AsString, arguments[2].AsInt32, context.Settings)),
            Define.Function($"{type.Name}_out", PgTypes.CString, [type], (arguments, _, context) => Datum.Of(codec.ToText(arguments[0], context.Settings))),
            Define.Function($"{type.Name}_typmod_in", PgTypes.Int4, PgTypes.CString.Array!, array => Datum.Of((long)type.Modifier!.Parse(type, [.. array.As<PgArray>().Items.Select(item => item.AsString)]))),
            Define.Function($"{type.Name}_recv", type, [PgTypes.Internal, PgTypes.Oid, PgTypes.Int4], (_, _, _) => throw new UnreachableException("SQL has no values of type internal")),
            Define.Function($"{type.Name}_send", PgTypes.Bytea, type, value => Datum.Of(ToBinary(codec, value))),
        ];
    }

    static byte[] ToBinary(TypeCodec codec, Datum value)
    {
        var output = new ByteWriter();
        codec.WriteBinary(value, output);
        return output.Written.ToArray();
    }

    /// <summary>A cast over a function of (value, typmod, isExplicit), as pgvector's are; by cast it gets the value alone.</summary>
    public static Cast Cast(PgType from, PgType to, CastContext context, string function, Func<Datum, int, object> convert)
        => new(from, to, context, Define.Function(function, to, [from, PgTypes.Int4, PgTypes.Bool],
            (arguments, _, _) => Datum.Of(convert(arguments[0], arguments.Length > 1 ? arguments[1].AsInt32 : -1))));

    /// <summary>The cast of a type to itself, which checks the dimensions.</summary>
    public static Cast SelfCast(PgType type)
        => Cast(type, type, CastContext.Implicit, type.Name, (value, typmod) => (typmod == -1 ? value : type.Modifier!.Apply(type, value, typmod, isExplicit: true)).Reference!);

    /// <summary>The casts from arrays, which are assignment casts.</summary>
    public static IEnumerable<Cast> FromArrays(PgType type, Func<PgArray, int, object> convert)
        => new[] { PgTypes.Int4, PgTypes.Float4, PgTypes.Float8, PgTypes.Numeric }
            .Select(element => Cast(element.Array!, type, CastContext.Assignment, $"array_to_{type.Name}", (array, typmod) => convert(array.As<PgArray>(), typmod)));
}
