namespace PgVectorCompat.Storage;

/// <summary>Another process has the data directory open.</summary>
public sealed class StoreLockedException(int processId)
    : IOException(processId > 0 ? $"the data directory is in use by process {processId}" : "the data directory is in use by another process")
{
    /// <summary>Its process id; 0 when unknown.</summary>
    public int ProcessId { get; } = processId;
}

/// <summary>A file of another format version: nothing was touched. The message says which command to run.</summary>
public sealed class StoreVersionException(string file, int found, int expected)
    : IOException($"{file} has format version {found}, this program reads version {expected}; run \"pgvc upgrade --data DIRECTORY\" with the newer of both programs")
{
    public int Found { get; } = found;
    public int Expected { get; } = expected;
}

/// <summary>Bytes that were once synced to disk are not what was written. Opening or reading stops; nothing is repaired by guessing (XX001).</summary>
public sealed class StoreDamagedException(string message) : IOException(message);

/// <summary>
/// A write or sync of the log failed, so what is on disk is no longer known. The store takes no more commits; reading goes on. Only
/// a restart, which recovers from the disk, helps (58030, then stop).
/// </summary>
public sealed class StoreFailedException(string message, Exception? cause) : IOException(message, cause);

/// <summary>No space left on the device (53100). The statement fails; the store goes on.</summary>
public sealed class StoreFullException(string message, Exception? cause = null) : IOException(message, cause);
