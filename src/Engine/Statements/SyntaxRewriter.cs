using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// Walks and changes syntax trees of any kind. Nodes are records whose parts are properties, so one generic walk by reflection serves
/// all of them; it is used for definitions only, never while a query runs.
/// </summary>
public static class SyntaxRewriter
{
    static readonly ConcurrentDictionary<Type, PropertyInfo[]> Parts = new();
    static readonly ConcurrentDictionary<Type, MethodInfo> Clones = new();

    /// <summary>Rewrites from the bottom: <paramref name="replace"/> gets each node with its parts already rewritten.</summary>
    public static T Rewrite<T>(T node, Func<Node, Node> replace) where T : Node
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        Node result = node;
        foreach (var part in Parts.GetOrAdd(node.GetType(), PartsOf))
        {
            var old = part.GetValue(node);
            var changed = RewriteValue(old, replace);
            if (ReferenceEquals(old, changed) || Equals(old, changed))
                continue;
            if (ReferenceEquals(result, node))
                result = (Node)Clones.GetOrAdd(node.GetType(), type => type.GetMethod("<Clone>$")!).Invoke(node, null)!;
            part.SetValue(result, changed);
        }
        return (T)replace(result);
    }

    /// <summary>Visits every node, parts before wholes.</summary>
    public static void Visit(Node node, Action<Node> visit)
        => Rewrite(node, visited =>
        {
            visit(visited);
            return visited;
        });

    static object? RewriteValue(object? value, Func<Node, Node> replace)
    {
        if (value is Node node)
            return Rewrite(node, replace);
        if (value is null || !IsList(value.GetType()))
            return value;
        return typeof(SyntaxRewriter).GetMethod(nameof(RewriteList), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(value.GetType().GetGenericArguments()[0]).Invoke(null, [value, replace]);
    }

    static object RewriteList<T>(ImmutableArray<T> list, Func<Node, Node> replace)
    {
        var changed = list.IsDefaultOrEmpty ? list : [.. list.Select(item => (T)RewriteValue(item, replace)!)];
        return changed.IsDefaultOrEmpty || changed.SequenceEqual(list, ReferenceOrValue<T>.Instance) ? list : changed;
    }

    static PropertyInfo[] PartsOf(Type type)
        => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && (typeof(Node).IsAssignableFrom(property.PropertyType) || IsList(property.PropertyType)))];

    static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>);

    sealed class ReferenceOrValue<T> : IEqualityComparer<T>
    {
        public static readonly ReferenceOrValue<T> Instance = new();

        public bool Equals(T? left, T? right) => typeof(T).IsValueType ? EqualityComparer<T>.Default.Equals(left, right) : ReferenceEquals(left, right);
        public int GetHashCode(T value) => value?.GetHashCode() ?? 0;
    }
}
