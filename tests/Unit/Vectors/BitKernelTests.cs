using System.Numerics;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

public sealed class BitKernelTests
{
    [Theory, MemberData(nameof(DenseKernelTests.Widths), MemberType = typeof(DenseKernelTests))]
    public void Counts_agree_with_their_definition(int widest)
    {
        var random = new Random(3);
        foreach (var length in (int[])[.. Enumerable.Range(0, 200), 768, 1999, 2000, 2001, 8000])
        {
            byte[] a = new byte[length], b = new byte[length];
            random.NextBytes(a);
            random.NextBytes(b);

            Assert.Equal(a.Zip(b, (x, y) => BitOperations.PopCount((uint)(x ^ y))).Sum(), BitFold.Run<XorTerm>(a, b, widest));
            Assert.Equal(a.Zip(b, (x, y) => BitOperations.PopCount((uint)(x & y))).Sum(), BitFold.Run<AndTerm>(a, b, widest));
            Assert.Equal(a.Zip(b, (x, y) => BitOperations.PopCount((uint)(x | y))).Sum(), BitFold.Run<OrTerm>(a, b, widest));
        }
    }

    [Theory, MemberData(nameof(DenseKernelTests.Widths), MemberType = typeof(DenseKernelTests))]
    public void All_ones_do_not_overflow_a_lane(int widest)
    {
        var ones = Enumerable.Repeat((byte)0xFF, 100_000).ToArray();

        Assert.Equal(800_000, BitFold.Run<AndTerm>(ones, ones, widest));
    }

    [Fact]
    public void Distances_are_pgvectors()
    {
        Assert.Equal(2, BitKernels.Hamming([0b1110_0000], [0b1000_0000]));
        Assert.Equal(0.75, BitKernels.Jaccard([0b1111_0000], [0b1000_0000]));
        Assert.Equal(1, BitKernels.Jaccard([0], [0]));
        Assert.Equal(1, BitKernels.Jaccard([], []));
        Assert.Equal(0, BitKernels.Hamming([], []));
    }
}
