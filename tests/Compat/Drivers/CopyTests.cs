using Npgsql;
using NpgsqlTypes;

namespace PgVectorCompat.Compat.Drivers;

[Trait("Part", "npgsql")]
public sealed class CopyTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    [Fact]
    public async Task Binary_import_and_export()
    {
        await using var connection = await database.WithVectors.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int, s text, n numeric(8,2), at timestamptz, v vector(2), a int[])");
        var at = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc);

        await using (var import = await connection.BeginBinaryImportAsync("COPY t FROM STDIN (FORMAT binary)"))
        {
            for (var i = 0; i < 5000; i++)
            {
                await import.StartRowAsync();
                await import.WriteAsync(i, NpgsqlDbType.Integer);
                if (i % 7 == 0) await import.WriteNullAsync();
                else await import.WriteAsync($"é {i}", NpgsqlDbType.Text);
                await import.WriteAsync(i / 100m, NpgsqlDbType.Numeric);
                await import.WriteAsync(at, NpgsqlDbType.TimestampTz);
                await import.WriteAsync(new Vector(i, 0.5f));
                await import.WriteAsync(new[] { i, i + 1 }, NpgsqlDbType.Array | NpgsqlDbType.Integer);
            }
            Assert.Equal(5000UL, await import.CompleteAsync());
        }
        Assert.Equal([5000L, 4285L], (await connection.All("SELECT count(*), count(s) FROM t"))[0]);

        await using var export = await connection.BeginBinaryExportAsync(
            "COPY (SELECT * FROM t WHERE id IN (7, 8) ORDER BY id) TO STDOUT (FORMAT binary)");
        Assert.Equal(6, await export.StartRowAsync());
        Assert.Equal(7, await export.ReadAsync<int>());
        Assert.True(export.IsNull);
        await export.SkipAsync();
        Assert.Equal(0.07m, await export.ReadAsync<decimal>());
        Assert.Equal(at, await export.ReadAsync<DateTime>());
        var vector = await export.ReadAsync<Vector>();
        Assert.Equal("7 0.5", string.Join(' ', vector.Elements));
        Assert.Equal("7 8", string.Join(' ', await export.ReadAsync<int[]>()));
        Assert.Equal(6, await export.StartRowAsync());
        Assert.Equal(8, await export.ReadAsync<int>());
        Assert.Equal("é 8", await export.ReadAsync<string>());
    }

    [Fact]
    public async Task An_import_not_completed_leaves_nothing()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int)");

        await using (var import = await connection.BeginBinaryImportAsync("COPY t FROM STDIN (FORMAT binary)"))
        {
            await import.StartRowAsync();
            await import.WriteAsync(1, NpgsqlDbType.Integer);
        }

        Assert.Equal(0L, await connection.One("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_wrong_binary_value_is_refused()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int)");

        var error = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var import = await connection.BeginBinaryImportAsync("COPY t FROM STDIN (FORMAT binary)");
            await import.StartRowAsync();
            await import.WriteAsync(1L, NpgsqlDbType.Bigint);
            await import.CompleteAsync();
        });

        Assert.Equal("22P03", error.SqlState);
        Assert.Equal(0L, await connection.One("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Text_import_and_export()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE t (id int, s text)");

        await using (var writer = await connection.BeginTextImportAsync("COPY t FROM STDIN"))
        {
            for (var i = 0; i < 1000; i++) await writer.WriteAsync($"{i}\ttext {i}\n");
        }
        using var reader = await connection.BeginTextExportAsync("COPY (SELECT * FROM t ORDER BY id DESC LIMIT 2) TO STDOUT (FORMAT csv)");

        Assert.Equal("999,text 999\n998,text 998\n", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Raw_binary_goes_through_unchanged()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TABLE raw (id int, v vector(3))");
        await connection.Run("INSERT INTO raw SELECT g, format('[%s,1,2]', g)::vector FROM generate_series(1, 100) g");
        await connection.Run("CREATE TABLE raw_back (LIKE raw)");
        var bytes = new MemoryStream();

        await using (var source = await connection.BeginRawBinaryCopyAsync("COPY raw TO STDOUT (FORMAT binary)"))
            await source.CopyToAsync(bytes);
        await using (var target = await connection.BeginRawBinaryCopyAsync("COPY raw_back FROM STDIN (FORMAT binary)"))
            await target.WriteAsync(bytes.ToArray());

        Assert.Equal(100L, await connection.One("SELECT count(*) FROM raw JOIN raw_back USING (id, v)"));
    }
}
