using System.Buffers.Binary;
using System.Text;

namespace PgVectorCompat.Storage;

/// <summary>Reads single files of a data directory, without opening the store: header, contents in short, checksums.</summary>
public sealed class FileInspector(IFileSystem files, bool verify)
{
    static readonly string[] Folders = ["", "checkpoint", "data", "index", "log"];

    /// <summary>Names of all files that belong to a data directory.</summary>
    public static IEnumerable<string> NamesIn(IFileSystem files)
    {
        foreach (var folder in Folders)
            foreach (var name in files.List(folder).Order(StringComparer.Ordinal))
                if (folder.Length > 0 || name.StartsWith("control.", StringComparison.Ordinal)) yield return name;
    }

    /// <summary>Files without a header, and without contents that could be wrong. (Nobody can open the lock of a running server.)</summary>
    static string? PlainKind(string name) => name switch
    {
        "lock" => "lock, held while the directory is in use",
        "lock.pid" => "process id of the newest holder of the lock",
        Store.SettingsFileName => "settings of ALTER SYSTEM",
        _ => name.StartsWith(TemporaryFile.Folder + "/", StringComparison.Ordinal) ? "working space" : null,
    };

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public InspectedFile Inspect(string name)
    {
        if (PlainKind(name) is { } plain) return files.Exists(name) ? new(name, plain, 0, 0, [], []) : throw new FileNotFoundException($"there is no file {name}", name);
        using var file = files.Open(name);
        var fields = new List<KeyValuePair<string, object>>();
        var problems = new List<string>();
        Span<byte> header = stackalloc byte[FileHeader.Size];
        if (file.Length < FileHeader.Size) return new(name, "unknown", 0, file.Length, fields, ["is shorter than a header"]);
        file.Read(0, header);

        var kind = Encoding.ASCII.GetString(header[..8]);
        var (words, describe) = Describer(kind);
        if (describe is null) return new(name, "unknown", 0, file.Length, fields, ["is no file of a data directory"]);
        var version = FileHeader.Version(header);
        if (!FileHeader.IsUnharmed(header, kind))
        {
            problems.Add("has a damaged header");
        }
        else
        {
            fields.Add(new("identity", FileHeader.Identity(header)));
            try
            {
                describe(file, header[FileHeader.FieldsOffset..].ToArray(), version, FileHeader.Identity(header), fields, problems);
            }
            catch (Exception error) when (error is IOException or ArgumentOutOfRangeException or OverflowException)
            {
                problems.Add(error.Message);
            }
        }
        return new(name, words, version, file.Length, fields, problems);
    }

    delegate void Description(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems);

    (string Words, Description? Describe) Describer(string kind) => kind switch
    {
        FileHeader.Control => ("control", Control),
        FileHeader.Checkpoint => ("checkpoint", Checkpoint),
        FileHeader.Log => ("log", Log),
        FileHeader.Rows => ("rows", Rows),
        FileHeader.Vectors => ("vectors", Vectors),
        FileHeader.IndexSnapshot => ("index snapshot", Index),
        _ => ("unknown", null),
    };

    static void Control(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems)
    {
        fields.Add(new("generation", Int64(header, 0)));
        fields.Add(new("checkpoint", Int64(header, 8)));
        fields.Add(new("log file", Int64(header, 16)));
        fields.Add(new("start LSN", Int64(header, 24)));
        if (version != FileHeader.FormatVersion) problems.Add(new StoreVersionException(file.Name, version, FileHeader.FormatVersion).Message);
    }

    void Checkpoint(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems)
    {
        var number = Int64(header, 0);
        fields.Add(new("number", number));
        fields.Add(new("manifest offset", Int64(header, 8)));
        fields.Add(new("manifest length", Int64(header, 16)));
        var manifest = CheckpointFile.ReadManifest(file, version);
        fields.Add(new("CSN", manifest.Csn));
        fields.Add(new("next transaction", manifest.NextTransaction));
        fields.Add(new("tables", manifest.Tables.Count));
        fields.Add(new("catalog records", manifest.Catalog.Count));
        fields.Add(new("sequences", manifest.Sequences.Count));
        fields.Add(new("index snapshots", manifest.Indexes.Count));
        var (own, foreign) = (0L, 0L);
        foreach (var table in manifest.Tables)
        {
            foreach (var chunk in table.Chunks)
            {
                if (chunk.File == 0) continue;
                if (chunk.File != number)
                {
                    foreign++;
                    continue;
                }
                own++;
                if (verify) CheckpointFile.ReadImage(file, chunk, version);
            }
        }
        fields.Add(new("chunks here", own));
        fields.Add(new("chunks in older files", foreign));
    }

    static void Log(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems)
    {
        using var log = new LogFile(file, Int64(header, 0), Int64(header, 8));
        var (batches, commits, first, last) = (0L, 0L, 0L, 0L);
        DateTimeOffset? time = null;
        var lsn = log.StartLsn;
        while (LogReader.TryReadAt(log, lsn, out var batch, out var payload))
        {
            batches++;
            lsn = batch.EndLsn;
            if (batch.Csn == 0) continue;
            commits++;
            if (first == 0) first = batch.Csn;
            last = batch.Csn;
            time = CommitTime.OfBatch(payload) ?? time;
        }
        fields.Add(new("number", log.Number));
        fields.Add(new("start LSN", log.StartLsn));
        fields.Add(new("end LSN", lsn));
        fields.Add(new("batches", batches));
        fields.Add(new("commits", commits));
        if (commits == 0) return;
        fields.Add(new("first CSN", first));
        fields.Add(new("last CSN", last));
        if (time is { } known) fields.Add(new("last commit", known.ToString("yyyy-MM-dd HH:mm:ss.ffffff'+00'", System.Globalization.CultureInfo.InvariantCulture)));
    }

    static void Rows(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems)
    {
        fields.Add(new("table", UInt32(header, 0)));
        fields.Add(new("segment", UInt32(header, 4)));
    }

    static void Vectors(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems)
    {
        var (extent, bytes) = ((int)UInt32(header, 8), (int)UInt32(header, 12));
        var layout = new ExtentLayout(bytes);
        fields.Add(new("table", UInt32(header, 0)));
        fields.Add(new("column", UInt32(header, 4)));
        fields.Add(new("extent", extent));
        fields.Add(new("value bytes", bytes));
        fields.Add(new("slot bytes", layout.Stride));
        fields.Add(new("first slot", layout.FirstSlot(extent)));
        fields.Add(new("slots", layout.SlotCount(extent)));
        if (file.Length != layout.FileLength(extent)) problems.Add($"has {file.Length} bytes instead of {layout.FileLength(extent)}");
    }

    void Index(IFile file, byte[] header, int version, long identity, List<KeyValuePair<string, object>> fields, List<string> problems)
    {
        var bytes = Int64(header, 24);
        fields.Add(new("table", UInt32(header, 0)));
        fields.Add(new("index", UInt32(header, 4)));
        fields.Add(new("checkpoint", Int64(header, 8)));
        fields.Add(new("CSN", Int64(header, 16)));
        fields.Add(new("bytes", bytes));
        if (!verify) return;
        using var reader = new IndexSnapshotReader(file, Int64(header, 16), bytes);
        var block = new byte[IndexSnapshotFile.BlockBytes];
        while (reader.Read(block) > 0) { }
    }

    static long Int64(byte[] header, int at) => BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(at));
    static uint UInt32(byte[] header, int at) => BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(at));
}
