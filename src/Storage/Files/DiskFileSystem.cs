namespace PgVectorCompat.Storage;

/// <summary>The files of one folder of the real disk. The folder is made when it is missing.</summary>
public sealed class DiskFileSystem(string root) : IFileSystem
{
    public string Root { get; } = Path.GetFullPath(root);
    public IDisposable Lock(string name) => throw new NotSupportedException();
    public IFile Create(string name, long length) => throw new NotSupportedException();
    public IFile Open(string name) => throw new NotSupportedException();
    public bool Exists(string name) => throw new NotSupportedException();
    public IReadOnlyList<string> List(string folder) => throw new NotSupportedException();
    public void Delete(string name) => throw new NotSupportedException();
    public void Rename(string name, string newName) => throw new NotSupportedException();
    public void FlushFolder(string folder) => throw new NotSupportedException();
}
