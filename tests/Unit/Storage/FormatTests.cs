using System.Formats.Tar;
using System.IO.Compression;
using PgVectorCompat.Engine;
using PgVectorCompat.Storage;
using PgVectorCompat.Unit.Engine;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Data directories of every released format, each left by a killed server, are refused, upgraded, and whole.</summary>
public sealed class FormatTests : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));

    void Unpack(int version)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Storage", "Formats", $"v{version}.tar.gz"));
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        Directory.CreateDirectory(_folder);
        TarFile.ExtractToDirectory(zip, _folder, overwriteFiles: false);
    }

    [Fact]
    public void The_present_format_is_read_as_it_was_written()
    {
        Unpack(StoreUpgrade.NewestVersion);
        CheckContents();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_older_format_is_refused_until_it_is_upgraded(int version)
    {
        Unpack(version);
        var refused = Assert.Throws<StoreVersionException>(() => Cluster.Open(new(_folder)));
        Assert.Equal(version, refused.Found);
        Assert.Contains("pgvc upgrade", refused.Message, StringComparison.Ordinal);

        Assert.True(StoreUpgrade.Run(new DiskFileSystem(_folder)));
        Assert.False(StoreUpgrade.Run(new DiskFileSystem(_folder)));
        CheckContents();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_upgrade_that_stopped_half_way_is_done_again(int version)
    {
        Unpack(version);
        var old = File.ReadAllBytes(Path.Combine(_folder, "control.0"));
        StoreUpgrade.Run(new DiskFileSystem(_folder));
        // As if the crash had come before the second copy of the control file was switched.
        File.WriteAllBytes(Path.Combine(_folder, "control.0"), old);
        Assert.Throws<StoreVersionException>(() => Cluster.Open(new(_folder)));
        Assert.True(StoreUpgrade.Run(new DiskFileSystem(_folder)));
        CheckContents();
    }

    void CheckContents()
    {
        using var cluster = Cluster.Open(new(_folder));
        using var session = new TestSession(cluster);
        Assert.Equal(["4000,1,7000"], session.Query("SELECT count(*), min(id), max(id) FROM items"));
        Assert.Equal(["1,item 1,after", "2,item 2,after", "4,item 4,after", "5,item 5,after", "8,item 8,before"],
            session.Query("SELECT id, name, note FROM items WHERE id < 10 ORDER BY id"));
        Assert.Equal(["7000"], session.Query("SELECT id FROM items WHERE name = 'late'"));
        Assert.Equal(["4000"], session.Query("SELECT count(embedding) FROM items"));
        Assert.Equal(["4"], session.Query("SELECT id FROM items ORDER BY embedding <-> (SELECT array_agg(2 + j) FROM generate_series(1, 16) j)::vector LIMIT 1"));
        Assert.Equal(["10,13.75"], session.Query("SELECT count(*), round(sum(b), 2) FROM more"));
        Assert.Equal(["5"], session.Query("SELECT count(*) FROM cheap"));
        Assert.InRange(long.Parse(session.Query("SELECT nextval('numbers')")[0]), 101, 133);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
