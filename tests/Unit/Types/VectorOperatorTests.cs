using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

/// <summary>The functions on values behind the SQL functions; sql/vector covers their results, this the corners no statement reaches.</summary>
public sealed class VectorOperatorTests
{
    [Theory]
    [InlineData(1, 3, "1,2,3")]
    [InlineData(-1, 3, "1")]
    [InlineData(3, int.MaxValue, "3,4,5")]
    [InlineData(-2147483644, int.MaxValue, "1,2")]
    [InlineData(0, 2, "1")]
    [InlineData(5, 100, "5")]
    public void Subvector_counts_as_substring_does(int start, int count, string expected)
        => Assert.Equal(expected, string.Join(',', VectorOperators.Vector.Subvector([1, 2, 3, 4, 5], start, count)));

    [Theory]
    [InlineData(6, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue)]
    [InlineData(int.MinValue, int.MaxValue)]
    public void Subvector_without_elements_is_an_error(int start, int count)
        => Assert.Equal("vector must have at least 1 dimension", Assert.Throws<PgError>(() => VectorOperators.Vector.Subvector([1, 2, 3, 4, 5], start, count)).Message);

    [Fact]
    public void RuVector_names_itself_except_where_dimensions_differ()
    {
        Assert.Equal("different vector dimensions 1 and 2", Assert.Throws<PgError>(() => VectorOperators.RuVector.L2Distance([1], [1, 2])).Message);
        Assert.Equal("ruvector must have at least 1 dimension", Assert.Throws<PgError>(() => VectorOperators.RuVector.Subvector([1], 2, 1)).Message);
        Assert.Equal("different halfvec dimensions 1 and 2", Assert.Throws<PgError>(() => VectorOperators.HalfVec.Add([Half.One], [Half.One, Half.One])).Message);
    }

    [Fact]
    public void Sums_are_added_in_place_and_overflow()
    {
        float[] sum = [3e38f];
        VectorOperators.Vector.AddTo(sum, [0.25e38f]);
        Assert.Equal([3.25e38f], sum);
        Assert.Equal("value out of range: overflow", Assert.Throws<PgError>(() => VectorOperators.Vector.AddTo(sum, [1e38f])).Message);

        Half[] half = [(Half)1, (Half)2];
        VectorOperators.HalfVec.AddTo(half, [(Half)3, (Half)4]);
        Assert.Equal([(Half)4, (Half)6], half);
    }

    [Fact]
    public void Averages_of_parts_combine_to_that_of_the_whole()
    {
        var random = new Random(1);
        float[][] rows = [.. Enumerable.Range(0, 50).Select(_ => new float[] { random.Next(100), random.Next(100) })];
        VectorAverage whole = new(), first = new(), second = new();
        foreach (var row in rows)
            whole.Add<float, SingleElement>(row);
        foreach (var row in rows[..20])
            first.Add<float, SingleElement>(row);
        foreach (var row in rows[20..])
            second.Add<float, SingleElement>(row);

        first.Combine(second);
        first.Combine(new VectorAverage());

        Assert.Equal(whole.Result<float, SingleElement>("vector"), first.Result<float, SingleElement>("vector"));
        Assert.Equal(whole.ToArray().Items.Select(item => item.AsDouble), first.ToArray().Items.Select(item => item.AsDouble));
        Assert.Null(new VectorAverage().Result<float, SingleElement>("vector"));
    }

    [Fact]
    public void Casts_to_sparsevec_drop_zeros_and_have_a_limit()
    {
        var sparse = VectorCasts.ToSparseVec([0, 1, -0f, 2], -1);
        Assert.Equal((4, "1,3", "1,2"), (sparse.Dimensions, string.Join(',', sparse.Indices), string.Join(',', sparse.Values)));

        var ones = new PgArray(PgTypes.Int4, [.. Enumerable.Repeat(Datum.Of(1L), 16_001)]);
        Assert.Equal("sparsevec cannot have more than 16000 non-zero elements", Assert.Throws<PgError>(() => VectorCasts.ToSparseVec(ones, -1)).Message);
        Assert.Equal("unsupported array type", Assert.Throws<PgError>(() => VectorCasts.ToVector(new PgArray(PgTypes.Text, [Datum.Of("1")]), -1)).Message);
    }
}
