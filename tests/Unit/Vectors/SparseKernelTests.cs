using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

public sealed class SparseKernelTests
{
    [Fact]
    public void Sparse_distances_are_those_of_the_dense_vectors()
    {
        var random = new Random(4);
        for (var round = 0; round < 2000; round++)
        {
            var dimensions = random.Next(1, 40);
            float[] a = SmallIntegers(random, dimensions), b = SmallIntegers(random, dimensions);
            var (indicesA, valuesA) = Sparse(a);
            var (indicesB, valuesB) = Sparse(b);

            Assert.Equal(Float32Kernels.SquaredL2(a, b), SparseKernels.SquaredL2(indicesA, valuesA, indicesB, valuesB));
            Assert.Equal(Float32Kernels.Dot(a, b), SparseKernels.Dot(indicesA, valuesA, indicesB, valuesB));
            Assert.Equal(Float32Kernels.CosineDistance(a, b), SparseKernels.CosineDistance(indicesA, valuesA, indicesB, valuesB));
            Assert.Equal(Float32Kernels.L1(a, b), SparseKernels.L1(indicesA, valuesA, indicesB, valuesB));
        }
    }

    [Fact]
    public void Products_are_not_fused()
        => Assert.Equal(0.3199999928474426, SparseKernels.Dot([0, 1, 2], [0.1f, 0.2f, 0.3f], [0, 1, 2], [0.4f, 0.5f, 0.6f]));

    static float[] SmallIntegers(Random random, int count)
        => [.. Enumerable.Range(0, count).Select(_ => random.Next(3) == 0 ? random.Next(-4, 5) : 0f)];

    static (int[] Indices, float[] Values) Sparse(float[] dense)
    {
        int[] indices = [.. Enumerable.Range(0, dense.Length).Where(i => dense[i] != 0)];
        return (indices, [.. indices.Select(i => dense[i])]);
    }
}
