namespace PgVectorCompat.Storage;

/// <summary>How a store behaves. All have working defaults.</summary>
public sealed record StoreOptions
{
    /// <summary>False: never sync anything (PostgreSQL's <c>fsync = off</c>). Only for data that can be made again.</summary>
    public bool Sync { get; init; } = true;

    /// <summary>A checkpoint is due after this much log: little enough that replay takes less than a second.</summary>
    public long CheckpointLogBytes { get; init; } = 128L << 20;

    /// <summary>A checkpoint is due after this time, if anything was committed.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>True: closing writes no checkpoint. For looking at a directory through an <see cref="OverlayFileSystem"/>.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>False: no threads of its own; <see cref="Store.Checkpoint"/> and <see cref="Store.CollectGarbage"/> are called by the owner. For simulation.</summary>
    public bool BackgroundWork { get; init; } = true;

    /// <summary>Size of one log file in bytes; a batch larger than this gets a file of its own size.</summary>
    public int LogFileBytes { get; init; } = 16 << 20;

    /// <summary>Largest row segment or column extent in bytes; the first ones of a table are smaller.</summary>
    public int DataFileBytes { get; init; } = 64 << 20;

    /// <summary>A transaction that wrote more bytes than this syncs its data files at commit and logs references instead of images.</summary>
    public long BulkBytes { get; init; } = 1 << 20;

    /// <summary>A commit of more rows than this is seen before all of them are stamped, so that others need not wait for that.</summary>
    public long LargeCommitRows { get; init; } = 256;

    /// <summary>
    /// Memory for old versions of rows in bytes (36 a row that a transaction changes); what is more lies in mapped temporary files. Those of chunks
    /// with few are not counted.
    /// </summary>
    public long OldVersionBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Called with the name of each complete log file, in order; true when it is kept safely, else it is asked again. With it, log holds
    /// everything that a backup needs to be led on, and is deleted only after that. Null: log is not archived.
    /// </summary>
    public Func<string, bool>? ArchiveLog { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
