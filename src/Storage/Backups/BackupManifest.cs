using System.Security.Cryptography;
using System.Text.Json;

namespace PgVectorCompat.Storage;

/// <summary>One file of a backup.</summary>
/// <param name="Name">Name in the data directory.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Hash of its contents, hexadecimal.</param>
public sealed record BackupFile(string Name, long Length, string Sha256);

/// <summary>What a backup is made of. Written last, so a backup without it is none.</summary>
/// <param name="Format">Format of the data directory.</param>
/// <param name="Identity">Identity of the data directory.</param>
/// <param name="Taken">The moment whose contents it has.</param>
/// <param name="EndLsn">End of the log it has.</param>
/// <param name="Files">Its files.</param>
public sealed record BackupManifest(int Format, long Identity, DateTimeOffset Taken, long EndLsn, IReadOnlyList<BackupFile> Files)
{
    public const string FileName = "backup.json";
    const string HashName = "backup.sha256";

    static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    internal void Write(DiskFileSystem target)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(this, Json);
        WriteFile(target, HashName, System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(bytes)) + "\n"));
        WriteFile(target, FileName, bytes);
        target.FlushFolder("");
    }

    static void WriteFile(DiskFileSystem target, string name, byte[] bytes)
    {
        using var file = target.Create(name, bytes.Length);
        file.Write(0, bytes);
        file.Flush();
    }

    /// <summary>Reads the manifest of a backup.</summary>
    /// <exception cref="StoreDamagedException">There is none, or it was changed.</exception>
    public static BackupManifest Read(string backup)
    {
        var path = Path.Combine(backup, FileName);
        if (!File.Exists(path)) throw new StoreDamagedException($"{backup} is no complete backup: it has no {FileName}");
        var bytes = File.ReadAllBytes(path);
        var hash = Path.Combine(backup, HashName);
        if (!File.Exists(hash) || File.ReadAllText(hash).Trim() != Convert.ToHexStringLower(SHA256.HashData(bytes)))
            throw new StoreDamagedException($"{path} is damaged");
        try
        {
            if (JsonSerializer.Deserialize<BackupManifest>(bytes, Json) is { Files: not null } manifest) return manifest;
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw new StoreDamagedException($"{path} does not describe a backup");
    }
}
