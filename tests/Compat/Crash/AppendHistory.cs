namespace PgVectorCompat.Compat.Crash;

/// <summary>
/// What transactions over lists did and saw, and what that says of isolation: a list's final contents give the order of all its appends,
/// so every read and every append has its place, and a cycle of dependencies is an anomaly (Adya's G0, G1 and G2; the method of Elle).
/// </summary>
sealed class AppendHistory
{
    /// <summary>One transaction that committed, or may have.</summary>
    public sealed class Step
    {
        /// <summary>Elements it appended, by list.</summary>
        public List<(int List, long Element)> Appends { get; } = [];

        /// <summary>Lists it read before it appended to them, with what it saw.</summary>
        public List<(int List, long[] Seen)> Reads { get; } = [];

        public bool IsAcknowledged { get; set; }
    }

    enum Edge { WriteWrite, WriteRead, ReadWrite }

    readonly List<Step> _steps = [];
    readonly HashSet<long> _rolledBack = [];

    public void Add(Step step)
    {
        lock (_steps) _steps.Add(step);
    }

    /// <summary>A transaction that certainly did not commit.</summary>
    public void AddRolledBack(Step step)
    {
        lock (_steps)
            foreach (var (_, element) in step.Appends) _rolledBack.Add(element);
    }

    /// <summary>Anomalies that the isolation level does not allow, in words.</summary>
    /// <param name="level">read uncommitted, read committed, repeatable read or serializable.</param>
    /// <param name="lists">Every list at the end.</param>
    public List<string> Anomalies(string level, Dictionary<int, long[]> lists)
    {
        var found = new List<string>();
        var writers = new Dictionary<long, int>();
        for (var i = 0; i < _steps.Count; i++)
            foreach (var (_, element) in _steps[i].Appends) writers[element] = i;

        var present = lists.Values.SelectMany(list => list).ToList();
        if (present.Count != present.Distinct().Count()) found.Add("an element is there twice");
        var there = present.ToHashSet();
        foreach (var element in there)
            if (!writers.ContainsKey(element)) found.Add(_rolledBack.Contains(element) ? $"element {element} was rolled back and is there" : $"element {element} came from nowhere");
        foreach (var step in _steps)
        {
            var count = step.Appends.Count(append => there.Contains(append.Element));
            if (step.IsAcknowledged && count < step.Appends.Count) found.Add($"a committed transaction lost {step.Appends.Count - count} of its elements");
            if (count > 0 && count < step.Appends.Count) found.Add("a transaction is there in part");
        }
        if (found.Count == 0) AddCycles(level, lists, writers, found);
        return found;
    }

    void AddCycles(string level, Dictionary<int, long[]> lists, Dictionary<long, int> writers, List<string> found)
    {
        var edges = Enumerable.Range(0, _steps.Count).Select(_ => new List<(int To, Edge Kind)>()).ToArray();
        foreach (var list in lists.Values)
            for (var i = 1; i < list.Length; i++) Connect(edges, writers[list[i - 1]], writers[list[i]], Edge.WriteWrite);
        for (var i = 0; i < _steps.Count; i++)
        {
            foreach (var (key, seen) in _steps[i].Reads)
            {
                var final = lists[key];
                if (seen.Length > final.Length || !final.AsSpan(0, seen.Length).SequenceEqual(seen))
                {
                    found.Add($"a transaction saw {seen.Length} elements of list {key} that are not how it begins");
                    continue;
                }
                if (seen.Length > 0) Connect(edges, writers[seen[^1]], i, Edge.WriteRead);
                if (seen.Length < final.Length) Connect(edges, i, writers[final[seen.Length]], Edge.ReadWrite);
            }
        }

        if (HasCycle(edges, edge => edge != Edge.ReadWrite)) found.Add("G1: a cycle of writes and reads");
        if (level is "repeatable read" or "serializable" && HasSingle(edges)) found.Add("G-single: a cycle with one anti-dependency (a read skew or lost update)");
        if (level == "serializable" && HasCycle(edges, _ => true)) found.Add("G2: a cycle with anti-dependencies (a write skew)");
    }

    static void Connect(List<(int, Edge)>[] edges, int from, int to, Edge kind)
    {
        if (from != to) edges[from].Add((to, kind));
    }

    static bool HasCycle(List<(int To, Edge Kind)>[] edges, Func<Edge, bool> follows)
    {
        // Depth first, without recursion: 0 not seen, 1 on the way, 2 done.
        var states = new byte[edges.Length];
        var path = new Stack<(int Node, int Next)>();
        for (var start = 0; start < edges.Length; start++)
        {
            if (states[start] != 0) continue;
            path.Push((start, 0));
            states[start] = 1;
            while (path.TryPop(out var top))
            {
                if (top.Next == edges[top.Node].Count)
                {
                    states[top.Node] = 2;
                    continue;
                }
                path.Push((top.Node, top.Next + 1));
                var (to, kind) = edges[top.Node][top.Next];
                if (!follows(kind) || states[to] == 2) continue;
                if (states[to] == 1) return true;
                states[to] = 1;
                path.Push((to, 0));
            }
        }
        return false;
    }

    static bool HasSingle(List<(int To, Edge Kind)>[] edges)
    {
        for (var from = 0; from < edges.Length; from++)
            foreach (var (to, kind) in edges[from])
                if (kind == Edge.ReadWrite && Reaches(edges, to, from)) return true;
        return false;
    }

    static bool Reaches(List<(int To, Edge Kind)>[] edges, int from, int target)
    {
        var seen = new HashSet<int> { from };
        var left = new Stack<int>([from]);
        while (left.TryPop(out var node))
        {
            if (node == target) return true;
            foreach (var (to, kind) in edges[node])
                if (kind != Edge.ReadWrite && seen.Add(to)) left.Push(to);
        }
        return false;
    }
}
