namespace PgVectorCompat.Storage;

/// <summary>Opening files that must be there and must be ours.</summary>
static class DataFiles
{
    public static IFile OpenChecked(IFileSystem files, string name, string kind, long identity) => OpenChecked(files, name, kind, identity, FileHeader.VersionOf(kind));

    public static IFile OpenChecked(IFileSystem files, string name, string kind, long identity, int version)
    {
        IFile file;
        try
        {
            file = files.Open(name);
        }
        catch (FileNotFoundException)
        {
            throw new StoreDamagedException($"{name} is missing");
        }

        try
        {
            Span<byte> header = stackalloc byte[FileHeader.Size];
            if (file.Length >= FileHeader.Size) file.Read(0, header);
            if (!FileHeader.IsValid(header, kind, name, version)) throw new StoreDamagedException($"{name} has a damaged header");
            if (FileHeader.Identity(header) != identity) throw new StoreDamagedException($"{name} belongs to another data directory");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
