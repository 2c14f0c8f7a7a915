using System.Collections.Immutable;

namespace PgVectorCompat.Types;

/// <summary>A jsonpath: an expression over a document, run leniently (lax, which forgives what is not there) or strictly.</summary>
public sealed class JsonPath(bool isLax, PathNode root)
{
    public bool IsLax { get; } = isLax;
    public PathNode Root { get; } = root;

    /// <summary>Raises 42601 and others for text that is no path.</summary>
    public static JsonPath Parse(string text) => new JsonPathParser(text).Parse();

    public override string ToString() => (IsLax ? "" : "strict ") + JsonPathText.Of(Root);
}

/// <summary>A part of a path. As a condition it is true, false or unknown; as a value it gives a sequence of items.</summary>
public abstract record PathNode;

/// <summary>A starting point and the steps from there.</summary>
public sealed record PathChain(PathNode Start, ImmutableArray<PathStep> Steps) : PathNode;

public sealed record PathRoot : PathNode;

/// <summary><c>@</c>: the item that a filter looks at.</summary>
public sealed record PathCurrent : PathNode;

/// <summary><c>last</c>: the last index of the array whose subscript it stands in.</summary>
public sealed record PathLast : PathNode;

public sealed record PathLiteral(JsonbValue Value) : PathNode;
public sealed record PathVariable(string Name) : PathNode;

/// <summary><c>+ - * / %</c></summary>
public sealed record PathArithmetic(char Operator, PathNode Left, PathNode Right) : PathNode;

public sealed record PathSign(bool IsMinus, PathNode Operand) : PathNode;

// Conditions

/// <summary><c>== != &lt; &lt;= &gt; &gt;=</c></summary>
public sealed record PathComparison(string Operator, PathNode Left, PathNode Right) : PathNode;

public sealed record PathLogical(bool IsAnd, PathNode Left, PathNode Right) : PathNode;
public sealed record PathNot(PathNode Operand) : PathNode;
public sealed record PathIsUnknown(PathNode Operand) : PathNode;
public sealed record PathExists(PathNode Operand) : PathNode;
public sealed record PathStartsWith(PathNode Whole, PathNode Start) : PathNode;
public sealed record PathLikeRegex(PathNode Operand, string Pattern, string Flags) : PathNode;

/// <summary>One step from items to items.</summary>
public abstract record PathStep;

public sealed record PathKey(string Name) : PathStep;

/// <summary><c>.*</c></summary>
public sealed record PathAnyKey : PathStep;

/// <summary><c>.**{first to last}</c>: items at these depths; <see cref="int.MaxValue"/> stands for the leaves' depth.</summary>
public sealed record PathDescent(int First, int Last) : PathStep;

/// <summary><c>[*]</c></summary>
public sealed record PathAnyElement : PathStep;

/// <summary><c>[a, b to c]</c></summary>
public sealed record PathSubscripts(ImmutableArray<(PathNode From, PathNode? To)> Ranges) : PathStep;

/// <summary><c>.type()</c> and kin.</summary>
public sealed record PathMethod(string Name) : PathStep;

/// <summary><c>?(condition)</c></summary>
public sealed record PathFilter(PathNode Condition) : PathStep;

/// <summary>jsonpath: text in the form PostgreSQL prints it.</summary>
public sealed class JsonPathCodec : TextCodec
{
    const byte Version = 1;

    public override bool IsOrdered => false;

    public override bool TakesAnyText => false;

    public override Datum Parse(string text, int typmod, TypeSettings settings) => Datum.Of(JsonPath.Parse(text).ToString());

    public override Datum ReadBinary(ref BinaryReader input, int typmod)
    {
        var version = input.ReadByte();
        return version == Version
            ? Parse(Utf8Text.Decode(input.TakeRest()), typmod, TypeSettings.Default)
            : throw new PgError(SqlState.InternalError, $"unsupported jsonpath version number: {version}");
    }

    public override void WriteBinary(Datum value, ByteWriter output)
    {
        output.WriteByte(Version);
        output.WriteText(value.AsString);
    }

    public override void WriteStored(Datum value, ByteWriter output) => output.WriteText(value.AsString);
}
