namespace PgVectorCompat.Storage;

/// <summary>What is known of the newest version of a row, committed or not.</summary>
public enum RowStatus : byte
{
    /// <summary>There is no such row (any more).</summary>
    None,

    /// <summary>The newest version is committed; the view shows it.</summary>
    Committed,

    /// <summary>The newest committed state is deleted; there is no view.</summary>
    Deleted,

    /// <summary>A transaction in progress inserted or updated the row; the view shows its version.</summary>
    Writing,

    /// <summary>A transaction in progress deleted the row; the view shows the version it deleted.</summary>
    Deleting,
}

/// <param name="Status">The state of the newest version.</param>
/// <param name="Writer">With <see cref="RowStatus.Writing"/> and <see cref="RowStatus.Deleting"/>: who; may be the caller's own transaction.</param>
public readonly record struct RowState(RowStatus Status, RowHolder? Writer = null);
