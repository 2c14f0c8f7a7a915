using PgVectorCompat.Compat.Drivers;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>
/// Recall floors of pgvector's own tests (its test/t, numbers in the comments of the data), run on our server and on the real one: fresh builds, rows inserted by many
/// clients, before and after a vacuum.
/// </summary>
[Trait("Part", "indexes")]
public sealed class RecallTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    static readonly Dictionary<string, VectorKind> Kinds = new()
    {
        ["vector(3)"] = VectorKind.Dense("vector", 3),
        ["halfvec(10)"] = VectorKind.Dense("halfvec", 10),
        ["halfvec(3)"] = VectorKind.Dense("halfvec", 3),
        ["sparsevec(3)"] = VectorKind.Sparse(3),
        ["bit(52)"] = VectorKind.Bits(52),
    };

    IndexedTable Table(string kind) => new(database.Plain, Kinds[kind]);

    /// <summary>Kind, operator class, operator, floor: 012/013 vector, 020/021 bit, 024/025 halfvec, 028/029 sparsevec.</summary>
    public static TheoryData<string, string, string, double> Hnsw => new()
    {
        { "vector(3)", "vector_l2_ops", "<->", 0.99 },
        { "vector(3)", "vector_ip_ops", "<#>", 0.97 },
        { "vector(3)", "vector_cosine_ops", "<=>", 0.99 },
        { "vector(3)", "vector_l1_ops", "<+>", 0.99 },
        { "halfvec(10)", "halfvec_l2_ops", "<->", 0.98 },
        { "halfvec(10)", "halfvec_ip_ops", "<#>", 0.98 },
        { "halfvec(10)", "halfvec_cosine_ops", "<=>", 0.98 },
        { "halfvec(10)", "halfvec_l1_ops", "<+>", 0.98 },
        { "sparsevec(3)", "sparsevec_l2_ops", "<->", 0.99 },
        { "sparsevec(3)", "sparsevec_ip_ops", "<#>", 0.95 },
        { "sparsevec(3)", "sparsevec_cosine_ops", "<=>", 0.99 },
        { "sparsevec(3)", "sparsevec_l1_ops", "<+>", 0.99 },
        { "bit(52)", "bit_hamming_ops", "<~>", 0.98 },
        { "bit(52)", "bit_jaccard_ops", "<%>", 0.95 },
    };

    static string HnswSettings(string kind) => kind == "bit(52)" ? "hnsw.ef_search = 100" : "hnsw.ef_search = 40";

    [Theory]
    [MemberData(nameof(Hnsw))]
    public async Task Hnsw_built(string kind, string operatorClass, string operation, double floor)
    {
        var table = Table(kind);
        await table.Create(10_000);
        foreach (var parallel in new[] { false, true })
        {
            await table.CreateIndex("hnsw", operatorClass, parallel: parallel);
            (await table.Recall(operation, HnswSettings(kind))).AtLeast(floor);
            await table.Run($"DROP INDEX {table.Name}_v_idx");
        }
    }

    [Theory]
    [MemberData(nameof(Hnsw))]
    public async Task Hnsw_inserted_by_many(string kind, string operatorClass, string operation, double floor)
    {
        var table = Table(kind);
        await table.Create(0);
        await table.CreateIndex("hnsw", operatorClass);
        await table.InsertConcurrently(clients: 10, each: 300);
        Assert.Equal(3000, await table.Count());
        (await table.Recall(operation, HnswSettings(kind))).AtLeast(floor);
    }

    /// <summary>014 vector, 022 bit, 026 halfvec, 030 sparsevec.</summary>
    [Theory]
    [InlineData("vector(3)", "vector_l2_ops", "<->", 20, 0.18, 100, 0.93, 20, 0.95)]
    [InlineData("halfvec(3)", "halfvec_l2_ops", "<->", 20, 0.18, 100, 0.93, 20, 0.95)]
    [InlineData("sparsevec(3)", "sparsevec_l2_ops", "<->", 20, 0.18, 100, 0.93, 20, 0.95)]
    [InlineData("bit(52)", "bit_hamming_ops", "<~>", 100, 0.35, 100, 0.35, 100, 0.80)]
    public async Task Hnsw_around_a_vacuum(
        string kind, string operatorClass, string operation, int firstEf, double first, int secondEf, double second, int thirdEf, double third)
    {
        var table = Table(kind);
        await table.Create(10_000);
        await table.CreateIndex("hnsw", operatorClass, "m = 4, ef_construction = 8");
        await table.Run("ALTER TABLE {t} SET (autovacuum_enabled = false)");
        await table.Run("DELETE FROM {t} WHERE i > 2500");
        (await table.Recall(operation, $"hnsw.ef_search = {firstEf}")).AtLeast(first);
        (await table.Recall(operation, $"hnsw.ef_search = {secondEf}")).AtLeast(second);
        await table.Run("VACUUM {t}");
        (await table.Recall(operation, $"hnsw.ef_search = {thirdEf}")).AtLeast(third);
    }

    /// <summary>Kind, class, operator, then the floors at 1, 10 and 100 probes of 100 lists: 003 vector, 032 halfvec, 035 bit.</summary>
    public static TheoryData<string, string, string, double, double, double> Lists => new()
    {
        { "vector(3)", "vector_l2_ops", "<->", 0.71, 0.95, 1 },
        { "vector(3)", "vector_ip_ops", "<#>", 0, 0, 1 },
        { "vector(3)", "vector_cosine_ops", "<=>", 0.71, 0.95, 0.9925 },
        { "halfvec(10)", "halfvec_l2_ops", "<->", 0.33, 0.93, 1 },
        { "halfvec(10)", "halfvec_ip_ops", "<#>", 0, 0, 1 },
        { "halfvec(10)", "halfvec_cosine_ops", "<=>", 0.33, 0.93, 0.98 },
        { "bit(52)", "bit_hamming_ops", "<~>", 0.08, 0.50, 1 },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Ivfflat_built(string kind, string operatorClass, string operation, double one, double ten, double all)
    {
        var table = Table(kind);
        await table.Create(50_000);
        foreach (var parallel in new[] { false, true })
        {
            await table.CreateIndex("ivfflat", operatorClass, "lists = 100", parallel);
            (await table.Recall(operation, "ivfflat.probes = 1")).AtLeast(one);
            (await table.Recall(operation, "ivfflat.probes = 10")).AtLeast(ten);
            (await table.Recall(operation, "ivfflat.probes = 100")).AtLeast(all);
            await table.Run($"DROP INDEX {table.Name}_v_idx");
        }
    }

    /// <summary>004: lists made of nothing, then filled by many clients.</summary>
    [Theory]
    [InlineData("vector_l2_ops", "<->", 0.95)]
    [InlineData("vector_ip_ops", "<#>", 0)]
    [InlineData("vector_cosine_ops", "<=>", 0.95)]
    public async Task Ivfflat_inserted_by_many(string operatorClass, string operation, double ten)
    {
        var table = Table("vector(3)");
        await table.Create(0);
        await table.CreateIndex("ivfflat", operatorClass, "lists = 100");
        await table.InsertConcurrently(clients: 10, each: 300, perStatement: 10);
        (await table.Recall(operation, "ivfflat.probes = 10")).AtLeast(ten);
        (await table.Recall(operation, "ivfflat.probes = 100")).AtLeast(0.9925);
    }

    /// <summary>005: a stored vector finds itself in the one list it is in.</summary>
    [Fact]
    public async Task Ivfflat_finds_what_is_stored()
    {
        var table = Table("vector(3)");
        await table.Create(50_000);
        await table.CreateIndex("ivfflat", "vector_l2_ops", "lists = 100");
        for (var i = 1; i <= 20; i++)
            Assert.Equal(i, await table.Number($"SELECT i FROM {{t}} ORDER BY v <-> (SELECT v FROM {{t}} WHERE i = {i} LIMIT 1) LIMIT 1"));
    }

    /// <summary>044 and 042: filters with iterative scans.</summary>
    [Theory]
    [InlineData("hnsw", "vector_l2_ops", "<->", "hnsw.iterative_scan = strict_order", 50, 0.99)]
    [InlineData("hnsw", "vector_cosine_ops", "<=>", "hnsw.iterative_scan = strict_order", 500, 0.99)]
    [InlineData("hnsw", "vector_l2_ops", "<->", "hnsw.iterative_scan = relaxed_order", 500, 0.99)]
    [InlineData("ivfflat", "vector_l2_ops", "<->", "ivfflat.iterative_scan = relaxed_order; ivfflat.probes = 10", 100, 0.98)]
    [InlineData("ivfflat", "vector_cosine_ops", "<=>", "ivfflat.iterative_scan = relaxed_order; ivfflat.probes = 10", 100, 0.98)]
    public async Task Filtered_scans_go_on(string method, string operatorClass, string operation, string settings, int oneIn, double floor)
    {
        var table = Table("vector(3)");
        await table.Create(50_000);
        await table.CreateIndex(method, operatorClass, method == "ivfflat" ? "lists = 100" : "");
        await table.Run("ANALYZE {t}");
        (await table.Recall(operation, settings, $"WHERE i % {oneIn} = 0", limit: 11)).AtLeast(floor);
    }
}
