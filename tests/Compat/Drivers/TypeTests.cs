using System.Collections;
using System.Globalization;
using Npgsql;

namespace PgVectorCompat.Compat.Drivers;

[Trait("Part", "npgsql")]
public sealed class TypeTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    public static TheoryData<string, object> Values => new()
    {
        { "bool", true },
        { "int2", (short)-5 },
        { "int4", int.MaxValue },
        { "int8", long.MinValue },
        { "float4", 1.5f },
        { "float4", float.NaN },
        { "float8", 1.5e300 },
        { "float8", double.NegativeInfinity },
        { "numeric", -12345678901234567.0123m },
        { "numeric", 0.0001m },
        { "text", "naïve 'quoted' \\ 日本 😀" },
        { "text", "" },
        { "varchar", "short" },
        { "bytea", new byte[] { 0, 255, 92 } },
        { "date", new DateOnly(2024, 2, 29) },
        { "time", new TimeOnly(23, 59, 59, 999) },
        { "timestamp", new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Unspecified) },
        { "timestamptz", new DateTime(2024, 7, 1, 12, 0, 0, DateTimeKind.Utc) },
        { "interval", new TimeSpan(3, 4, 5, 6, 789) },
        { "uuid", Guid.Parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11") },
        { "json", "{\"a\": [1, null]}" },
        { "jsonb", "{\"a\": [1, null]}" },
        { "oid", 4_000_000_000u },
        { "int4[]", new[] { 1, 2, 3 } },
        { "text[]", new[] { "a,b", "\"", "", "NULL" } },
        { "float8[]", new[] { 1.5, double.NaN } },
        { "uuid[]", new[] { Guid.Empty } },
        { "timestamptz[]", new[] { new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc) } },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Values_go_both_ways(string type, object value)
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT $1", connection) { Parameters = { new() { Value = value, DataTypeName = type } } };

        foreach (var prepare in new[] { false, true })
        {
            if (prepare) await command.PrepareAsync();
            await using var reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            Assert.Equal(value, reader.GetFieldValue<object>(0));
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task NULL_goes_both_ways(string type, object value)
    {
        _ = value;
        await using var connection = await database.Plain.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT $1", connection) { Parameters = { new() { Value = DBNull.Value, DataTypeName = type } } };

        Assert.Equal(DBNull.Value, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Text_of_values_equals_their_binary_meaning()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();

        Assert.Equal("-12345.6700", await connection.One("SELECT $1::text", -12345.6700m));
        Assert.Equal("{1,NULL,3}", await connection.One("SELECT $1::text", new int?[] { 1, null, 3 }));
        Assert.Equal("{{1,2},{3,4}}", await connection.One("SELECT $1::text", new[,] { { 1, 2 }, { 3, 4 } }));
        Assert.Equal("1 day 02:03:04", await connection.One("SELECT $1::text", new TimeSpan(1, 2, 3, 4)));
        Assert.Equal("2024-02-29", await connection.One("SELECT $1::text", new DateOnly(2024, 2, 29)));
    }

    [Fact]
    public async Task Bit_strings()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        var bits = new BitArray([true, false, true]);

        Assert.Equal("101", await connection.One("SELECT $1::varbit::text", bits));
        Assert.Equal(bits, (BitArray)(await connection.One("SELECT B'101'"))!);
    }

    [Fact]
    public async Task Vectors_with_the_plug_in()
    {
        await using var connection = await database.WithVectors.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE items (id int, v vector(3), h halfvec(2), s sparsevec(4))");

        await connection.Run("INSERT INTO items VALUES ($1, $2, $3, $4)", 1, new Vector(1, 2, 3.5f), new HalfVector((Half)1, (Half)0.5),
            new SparseVector(4, [1, 3], [1, 2]));
        await connection.Run("INSERT INTO items (id) VALUES (2)");
        var rows = await connection.All("SELECT v, h, s FROM items ORDER BY id");

        Assert.Equal([1, 2, 3.5f], ((Vector)rows[0][0]).Elements);
        Assert.Equal([(Half)1, (Half)0.5], ((HalfVector)rows[0][1]).Elements);
        var sparse = (SparseVector)rows[0][2];
        Assert.Equal(4, sparse.Dimensions);
        Assert.Equal([1, 3], sparse.Indices);
        Assert.Equal([1f, 2f], sparse.Values);
        Assert.All(rows[1], cell => Assert.Equal(DBNull.Value, cell));
        Assert.Equal("[1,2,3.5]", await connection.One("SELECT v::text FROM items WHERE id = 1"));
        Assert.Equal(0.5, await connection.One("SELECT v <-> $1 FROM items WHERE id = 1", new Vector(1, 2, 3)));
    }

    [Fact]
    public async Task Vector_arrays_with_the_plug_in()
    {
        await using var connection = await database.WithVectors.OpenConnectionAsync();

        Assert.Equal("{\"[1,2]\",[3]}", await connection.One("SELECT $1::text", (object)new[] { new Vector(1, 2), new Vector(3) }));
        var back = (Vector[])(await connection.One("SELECT ARRAY['[1,2]'::vector, '[3]']"))!;
        Assert.Equal([[1, 2], [3]], back.Select(v => v.Elements));
    }

    [Fact]
    public async Task A_wrong_vector_value_is_refused()
    {
        await using var connection = await database.WithVectors.OpenConnectionAsync();

        var empty = await Assert.ThrowsAsync<PostgresException>(() => connection.One("SELECT $1", new Vector()));
        Assert.Equal(("22000", "vector must have at least 1 dimension"), (empty.SqlState, empty.MessageText));
        var nan = await Assert.ThrowsAsync<PostgresException>(() => connection.One("SELECT $1", new Vector(1, float.NaN)));
        Assert.Equal(("22000", "NaN not allowed in vector"), (nan.SqlState, nan.MessageText));
        var unsorted = await Assert.ThrowsAsync<PostgresException>(() => connection.One("SELECT $1", new SparseVector(4, [3, 1], [1, 2])));
        Assert.Equal("22000", unsorted.SqlState);
    }

    [Fact]
    public async Task Vectors_without_the_plug_in_are_text_with_a_cast()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();

        Assert.Equal("[1,2,3]", await connection.One("SELECT $1::vector::text", "[1,2,3]"));
        Assert.Equal(1.0, await connection.One("SELECT $1::vector <-> '[1,2]'", "[1,3]"));
        Assert.Equal(new float[] { 1, 2 }, await connection.One("SELECT '[1,2]'::vector::real[]"));
    }

    [Fact]
    public async Task Column_schema_is_known()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        await connection.Run("CREATE TEMP TABLE described (id int PRIMARY KEY, n numeric(6,2) NOT NULL, s varchar(7), v vector(3))");
        await using var command = new NpgsqlCommand("SELECT id, n, s, v::text FROM described", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var schema = await reader.GetColumnSchemaAsync();

        Assert.Equal(["id", "n", "s", "v"], schema.Select(c => c.ColumnName));
        Assert.Equal(["integer", "numeric", "character varying", "text"], schema.Select(c => c.DataTypeName));
        Assert.Equal(6, schema[1].NumericPrecision);
        Assert.Equal(2, schema[1].NumericScale);
        Assert.Equal(7, schema[2].ColumnSize);
    }

    [Fact]
    public async Task Large_values_and_wide_rows()
    {
        await using var connection = await database.Plain.OpenConnectionAsync();
        var text = new string('é', 3_000_000);
        var wide = string.Join(", ", Enumerable.Range(0, 1000).Select(i => i.ToString(CultureInfo.InvariantCulture)));

        Assert.Equal(text, await connection.One("SELECT $1", text));
        Assert.Equal(1000, (await connection.All("SELECT " + wide))[0].Length);
    }
}
