using System.Runtime.CompilerServices;
using PgVectorCompat.Types;

namespace PgVectorCompat.Sql;

/// <summary>Turns deep nesting into an error; everything that walks a syntax tree by recursion asks before each step.</summary>
public static class StackGuard
{
    /// <exception cref="PgError">54001 when little of the thread's stack is left.</exception>
    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new PgError(SqlState.StatementTooComplex, "stack depth limit exceeded")
            {
                Hint = "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), "
                    + "after ensuring the platform's stack depth limit is adequate.",
            };
    }
}
