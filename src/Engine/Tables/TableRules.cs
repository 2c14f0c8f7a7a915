using System.Collections.Immutable;
using PgVectorCompat.Engine.Execution;

namespace PgVectorCompat.Engine.Tables;

/// <summary>What every row written to a table must satisfy, compiled over its live columns.</summary>
/// <param name="NotNull">Positions of columns that may not be NULL.</param>
/// <param name="Checks">CHECK constraints in the order of their names, as PostgreSQL tests them.</param>
/// <param name="Generated">Stored generated columns, by position.</param>
/// <param name="Slots">Slots the evaluators need.</param>
internal sealed record TableRules(
    ImmutableArray<int> NotNull,
    ImmutableArray<(string Name, Evaluator Condition)> Checks,
    ImmutableArray<(int Column, Evaluator Value)> Generated,
    int Slots);
