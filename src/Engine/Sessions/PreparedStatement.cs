using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>A statement that was analysed and is kept for execution: PREPARE's, Parse's, or one of a simple query.</summary>
/// <param name="Name">"" for the unnamed one.</param>
/// <param name="Text">The statement's own text, as pg_prepared_statements shows it.</param>
/// <param name="Statement">Null for an empty query.</param>
/// <param name="Declared">Parameter types as the client gave them; null entries are inferred. Null for a statement that takes none (simple protocol).</param>
public sealed class PreparedStatement(string name, string text, Sql.Statement? statement, IReadOnlyList<PgType?>? declared)
{
    public string Name { get; } = name;
    public string Text { get; } = text;
    public Sql.Statement? Statement { get; } = statement;
    public IReadOnlyList<PgType?>? Declared { get; } = declared;

    /// <summary>Types of all parameters.</summary>
    public PgType[] Parameters { get; set; } = [];

    /// <summary>Columns of the result; null when it returns no rows.</summary>
    public IReadOnlyList<ResultColumn>? Columns { get; set; }

    /// <summary>Plan of a query or data statement, with what it was made for; null for other statements.</summary>
    public StatementPlan? Plan { get; set; }
    public long CatalogVersion { get; set; } = -1;
    public int SettingsVersion { get; set; } = -1;
    public long StatisticsVersion { get; set; } = -1;

    /// <summary>Tables it touches, with the lock it needs on each.</summary>
    public (uint Table, LockMode Mode)[] Tables
    {
        get;
        set
        {
            field = value;
            IsModification = Array.Exists(value, table => table.Mode == LockMode.RowExclusive);
            NeedsTransaction = Array.Exists(value, table => table.Mode > LockMode.AccessShare);
        }
    } = [];

    /// <summary>Whether it writes rows; whether it needs the store's transaction, to write or to lock.</summary>
    public bool IsModification { get; private set; }
    public bool NeedsTransaction { get; private set; }

    /// <summary>For a cursor over one table, the table: its last column is the row's ctid, which is not sent. 0 for anything else.</summary>
    public uint RowTable { get; init; }

    /// <summary>When it was prepared, and whether by SQL.</summary>
    public long PreparedAt { get; init; }
    public bool FromSql { get; init; }
}
