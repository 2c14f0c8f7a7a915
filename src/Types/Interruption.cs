namespace PgVectorCompat.Types;

/// <summary>
/// How work that knows nothing of sessions learns that its statement was cancelled or timed out: a statement runs on one thread, which has the
/// question here. Threads without a statement have none, and go on.
/// </summary>
public static class Interruption
{
    [ThreadStatic]
    static Action? _question;

    /// <summary>From now on <see cref="Check"/> on this thread asks this: it raises 57014 or 57P01, or returns.</summary>
    public static void Ask(Action question) => _question = question;

    /// <summary>Raises what has been asked of the running statement meanwhile. Long loops call it at least every few milliseconds.</summary>
    public static void Check() => _question?.Invoke();
}
