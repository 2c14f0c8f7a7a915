namespace PgVectorCompat.Storage;

/// <summary>Looks for a cycle in who waits for whom. Called with the lock manager's gate held, at the moment a wait begins or has
/// lasted for some time: a cycle is found by the one of its waits that is looked at last.</summary>
static class DeadlockDetector
{
    /// <summary>The cycle through <paramref name="start"/>, beginning with it; null when there is none.</summary>
    public static List<DeadlockEdge>? FindCycle(LockOwner start)
    {
        var path = new List<DeadlockEdge>();
        return Visit(start, start, path, []) ? path : null;
    }

    static bool Visit(LockOwner waiter, LockOwner start, List<DeadlockEdge> path, HashSet<LockOwner> visited)
    {
        if (waiter.Wait is not { } wait || !visited.Add(waiter)) return false;
        foreach (var blocker in BlockersOf(wait))
        {
            path.Add(new(waiter, wait.Target?.Tag, wait.Target is null ? wait.Transaction : null, wait.Mode, blocker));
            if (blocker == start || Visit(blocker, start, path, visited)) return true;
            path.RemoveAt(path.Count - 1);
        }
        return false;
    }

    public static List<LockOwner> BlockersOf(LockWait wait)
    {
        var blockers = new List<LockOwner>();
        if (wait.Target is not { } target)
        {
            blockers.Add(wait.Transaction!.Owner);
            return blockers;
        }
        foreach (var holder in target.Holders)
            if (holder.Owner != wait.Owner && LockManager.Conflicts(holder.Mode, wait.Mode) && !blockers.Contains(holder.Owner)) blockers.Add(holder.Owner);
        foreach (var ahead in target.Line)
        {
            if (ahead == wait) break;
            if (ahead.Owner != wait.Owner && LockManager.Conflicts(ahead.Mode, wait.Mode) && !blockers.Contains(ahead.Owner)) blockers.Add(ahead.Owner);
        }
        return blockers;
    }
}
