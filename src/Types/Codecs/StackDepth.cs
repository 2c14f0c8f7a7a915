using System.Runtime.CompilerServices;

namespace PgVectorCompat.Types;

/// <summary>Guards recursion whose depth a client decides.</summary>
public static class StackDepth
{
    /// <summary>Raises 54001 while there is still stack left to handle it.</summary>
    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new PgError(SqlState.StatementTooComplex, "stack depth limit exceeded")
            {
                Hint = "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.",
            };
    }
}
