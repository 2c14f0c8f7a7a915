namespace PgVectorCompat.Vectors;

/// <summary>The running sums of a metric. One that needs fewer than three leaves the others zero, and the JIT drops them.</summary>
struct Sums<V> where V : struct
{
    public V First, Second, Third;
}
