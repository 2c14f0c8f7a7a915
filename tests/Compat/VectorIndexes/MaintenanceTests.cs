using Npgsql;
using PgVectorCompat.Compat.Drivers;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>What pgvector's tests ask of deletes, duplicates and concurrent work on indexed tables; run on our server and on the real one.</summary>
/// <remarks>Not beside other tests: a snapshot that one of them holds keeps deleted rows alive.</remarks>
[Trait("Part", "indexes")]
[Collection(nameof(Maintenance))]
public sealed class MaintenanceTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    IndexedTable Table(VectorKind kind) => new(database.Plain, kind);

    /// <summary>Our indexes take memory in steps of so many bytes: row ids that were not free again in time may need one more.</summary>
    const long MemoryStep = 64 << 10;

    /// <summary>011 and 002: the space of deleted rows is used again.</summary>
    [Theory]
    [InlineData("hnsw", "", 1.02)]
    [InlineData("ivfflat", "lists = 100", 1.02)]
    public async Task Space_is_used_again(string method, string with, double growth)
    {
        var table = Table(VectorKind.Dense("vector", 3));
        await table.Create(10_000);
        await table.CreateIndex(method, "vector_l2_ops", with);
        await table.Run("CREATE TABLE {t}_copy AS SELECT * FROM {t}");
        await table.Run("VACUUM {t}");
        var before = await table.Number("SELECT pg_total_relation_size('{t}_v_idx')");
        await table.Run("DELETE FROM {t}");
        await table.Run("VACUUM {t}");
        await table.Run("INSERT INTO {t} SELECT * FROM {t}_copy");
        await table.Run("VACUUM {t}");
        var after = await table.Number("SELECT pg_total_relation_size('{t}_v_idx')");
        Assert.InRange(after, 1, (long)(before * growth) + MemoryStep);
    }

    /// <summary>011: of all rows but one deleted, the one is found.</summary>
    [Theory]
    [InlineData("hnsw")]
    [InlineData("ivfflat")]
    public async Task The_last_row_is_found(string method)
    {
        var table = Table(VectorKind.Dense("vector", 3));
        await table.Create(5_000);
        await table.CreateIndex(method, "vector_l2_ops");
        await table.Run("DELETE FROM {t} WHERE i <> 123");
        await table.Run("VACUUM {t}");
        await using var connection = await table.Open();
        await connection.Run("SET ivfflat.probes = 100");
        var rows = await connection.All($"SELECT i FROM {table.Name} ORDER BY v <-> '[0.5,0.5,0.5]' LIMIT 10");
        Assert.Equal(123, Assert.Single(rows)[0]);
    }

    /// <summary>007 and 016: rows inserted by many clients are all there.</summary>
    [Theory]
    [InlineData("hnsw", "hnsw.ef_search = 1000", 997)]
    [InlineData("ivfflat", "ivfflat.probes = 100", 1000)]
    public async Task Concurrent_inserts_are_all_found(string method, string setting, int least)
    {
        var table = Table(VectorKind.Dense("vector", 128));
        await table.Create(0);
        await table.CreateIndex(method, "vector_l2_ops");
        await table.InsertConcurrently(clients: 10, each: 100);
        await using var connection = await table.Open();
        await connection.Run("SET " + setting);
        var query = VectorKind.Dense("vector", 128).Query(new Random(1));
        var found = await connection.One($"SELECT count(*) FROM (SELECT i FROM {table.Name} ORDER BY v <-> '{query}' LIMIT 1000) s");
        Assert.InRange((long)found!, least, 1000);
    }

    /// <summary>015, 023, 027, 031: identical rows inserted at once; 008, 036: more lists than values.</summary>
    [Theory]
    [InlineData("hnsw", "")]
    [InlineData("ivfflat", "lists = 10")]
    public async Task Duplicates_do_no_harm(string method, string with)
    {
        var same = new VectorKind("vector(3)", "'[1,1,1]'::vector", _ => "[1,1,1]");
        var table = Table(same);
        await table.Create(20);
        await table.CreateIndex(method, "vector_l2_ops", with);
        await table.InsertConcurrently(clients: 5, each: 100);
        Assert.Equal(520, await table.Count());
        await using var connection = await table.Open();
        var rows = await connection.All($"SELECT v <-> '[1,1,1]' FROM {table.Name} ORDER BY v <-> '[1,1,1]' LIMIT 10");
        Assert.Equal(10, rows.Count);
        Assert.All(rows, row => Assert.Equal(0.0, row[0]));
    }

    /// <summary>046 to 048: searches, inserts, deletes and vacuums at once give no error.</summary>
    [Theory]
    [InlineData("hnsw", "")]
    [InlineData("ivfflat", "lists = 10")]
    public async Task Everything_at_once_gives_no_error(string method, string with)
    {
        var table = Table(VectorKind.Dense("vector", 3));
        await table.Create(1_000);
        await table.CreateIndex(method, "vector_l2_ops", with);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(client => Task.Run(() => Mix(table, new Random(client)))));
        (await table.Recall("<->", method == "hnsw" ? "hnsw.ef_search = 100" : "ivfflat.probes = 10")).AtLeast(0.9);
    }

    static async Task Mix(IndexedTable table, Random random)
    {
        await using var connection = await table.Open();
        for (var n = 0; n < 200; n++)
        {
            var kind = random.Next(100);
            if (kind == 0) await connection.Run($"VACUUM {table.Name}");
            else if (kind < 40) await connection.Run($"INSERT INTO {table.Name} VALUES ({random.Next(2000)}, ARRAY[random(), random(), random()])");
            else if (kind < 60) await connection.Run($"DELETE FROM {table.Name} WHERE i = {random.Next(2000)}");
            else await connection.All($"SELECT i FROM {table.Name} ORDER BY v <-> ARRAY[random(), random(), random()]::vector LIMIT 10");
        }
    }

    /// <summary>038: long sparse vectors, half of them deleted, three times.</summary>
    [Fact]
    public async Task Long_sparse_vectors_come_and_go()
    {
        var table = Table(VectorKind.Sparse(3));
        await table.Run("CREATE TABLE {t} (i serial, v sparsevec(100000))");
        await table.CreateIndex("hnsw", "sparsevec_l2_ops");
        var random = new Random(3);
        await using var connection = await table.Open();
        for (var round = 0; round < 3; round++)
        {
            for (var n = 0; n < 100; n++)
            {
                var elements = Enumerable.Range(0, random.Next(100)).Select(_ => random.Next(1, 100_001)).Distinct().Order().Select(at => $"{at}:{random.NextSingle() + 0.1f}");
                await connection.Run($"INSERT INTO {table.Name} (v) VALUES ('{{{string.Join(",", elements)}}}/100000')");
            }
            await connection.Run($"DELETE FROM {table.Name} WHERE i % 2 = 0");
            await connection.Run($"VACUUM {table.Name}");
            Assert.Equal(10, (await connection.All($"SELECT i FROM {table.Name} ORDER BY v <-> '{{1:1}}/100000' LIMIT 10")).Count);
        }
    }

    /// <summary>006: lists beyond memory are refused by name.</summary>
    [Fact]
    public async Task Too_many_lists_for_the_memory()
    {
        var table = Table(VectorKind.Dense("vector", 3));
        await table.Create(10_000);
        var error = await Assert.ThrowsAsync<PostgresException>(() => table.CreateIndex("ivfflat", "vector_l2_ops", "lists = 10000"));
        Assert.Contains("memory required is", error.MessageText, StringComparison.Ordinal);
    }
}

/// <summary>Tests that run alone.</summary>
[CollectionDefinition(nameof(Maintenance), DisableParallelization = true)]
public sealed class Maintenance;
