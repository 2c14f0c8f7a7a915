using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>pg_proc.provolatile: what the planner may compute ahead.</summary>
public enum Volatility { Immutable = 'i', Stable = 's', Volatile = 'v' }

/// <summary>pg_proc.prokind.</summary>
public enum FunctionKind { Function = 'f', Procedure = 'p', Aggregate = 'a', Window = 'w' }

/// <summary>Body of a function of any number of arguments. For strict functions no argument is NULL.</summary>
public delegate Datum FunctionBody(ReadOnlySpan<Datum> arguments, CallSite site, EvaluationContext context);

/// <summary>Body of a set-returning function: one array of column values a row (one value for a function that returns a scalar set).</summary>
public delegate IEnumerable<Datum[]> SetBody(Datum[] arguments, CallSite site, EvaluationContext context);

/// <summary>What a polymorphic or variadic function learns from where it is called.</summary>
/// <param name="ArgumentTypes">Types of the arguments after resolution and coercion.</param>
/// <param name="ResultType">Type of the result after resolution.</param>
public sealed record CallSite(IReadOnlyList<PgType> ArgumentTypes, PgType ResultType);

/// <summary>
/// A function as pg_proc describes it, with its body. Exactly one of the bodies is set; <see cref="Body1"/> and <see cref="Body2"/>
/// are the short forms for the many functions that need nothing but one or two arguments.
/// </summary>
public sealed record Function
{
    /// <summary>pg_proc.oid. Built-in ones get theirs from <see cref="BuiltinFunctions"/>.</summary>
    public uint Oid { get; internal set; }

    public required string Name { get; init; }

    /// <summary>Schema that holds it: pg_catalog unless an extension or user made it.</summary>
    public uint Schema { get; init; } = WellKnownOids.PgCatalog;

    /// <summary>Extension it belongs to (<c>vector</c>); visible only in databases that have it. Null for core functions.</summary>
    public string? Extension { get; init; }

    public required IReadOnlyList<PgType> Arguments { get; init; }
    public required PgType Result { get; init; }

    /// <summary>Names of the input arguments, for named notation; empty when they have none.</summary>
    public IReadOnlyList<string> ArgumentNames { get; init; } = [];

    /// <summary>Defaults of the last arguments, as constants (NULL is <see cref="Datum.Null"/>).</summary>
    public IReadOnlyList<Datum> Defaults { get; init; } = [];

    /// <summary>Names and types of the columns of a function that returns a record set (OUT or TABLE columns).</summary>
    public IReadOnlyList<(string Name, PgType Type)> OutputColumns { get; init; } = [];

    public FunctionKind Kind { get; init; } = FunctionKind.Function;

    /// <summary>Whether a NULL argument makes the result NULL without a call.</summary>
    public bool IsStrict { get; init; } = true;

    public Volatility Volatility { get; init; } = Volatility.Immutable;

    /// <summary>Whether the last argument is an array that takes any number of further arguments.</summary>
    public bool IsVariadic { get; init; }

    public Func<Datum, Datum>? Body1 { get; init; }
    public Func<Datum, Datum, Datum>? Body2 { get; init; }
    public FunctionBody? Body { get; init; }
    public SetBody? SetBody { get; init; }

    /// <summary>For an aggregate: makes the state of one group.</summary>
    public Func<CallSite, EvaluationContext, AggregateState>? NewState { get; init; }

    /// <summary>For a window function: makes what computes it over the partitions of one execution.</summary>
    public Func<CallSite, WindowFunction>? NewWindow { get; init; }

    public bool ReturnsSet => SetBody is not null;

    public override string ToString() => $"{Name}({string.Join(", ", Arguments)})";
    public bool Equals(Function? other) => ReferenceEquals(this, other);
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>What an aggregate knows of one group's rows so far.</summary>
public abstract class AggregateState
{
    /// <summary>Takes one row's arguments. For strict aggregates rows with a NULL argument do not come.</summary>
    public abstract void Add(ReadOnlySpan<Datum> arguments);

    /// <summary>The group's value; may be asked more than once (window frames that grow).</summary>
    public abstract Datum Finish();
}

/// <summary>An operator as pg_operator describes it. A prefix operator has no left type.</summary>
/// <param name="Strategy">1 to 5 (&lt;, &lt;=, =, &gt;=, &gt;) when it agrees with its types' default B-tree order; else 0.</param>
public sealed record Operator(string Name, PgType? Left, PgType Right, Function Function, int Strategy = 0)
{
    public uint Oid { get; internal set; }
    public string? Commutator { get; init; }
    public string? Negator { get; init; }
    public string? Extension => Function.Extension;
    public PgType Result => Function.Result;
}

/// <summary>pg_cast.castcontext: where a cast may be applied without being written.</summary>
public enum CastContext { Explicit = 'e', Assignment = 'a', Implicit = 'i' }

/// <summary>A cast as pg_cast describes it. Without a function the value's form stays the same (binary coercible).</summary>
/// <param name="Function">Takes the value; length coercion is the target's <see cref="TypeModifier"/>.</param>
public sealed record Cast(PgType From, PgType To, CastContext Context, Function? Function)
{
    public string? Extension => Function?.Extension;
}
