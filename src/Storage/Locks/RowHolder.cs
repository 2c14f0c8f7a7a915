namespace PgVectorCompat.Storage;

/// <summary>
/// Who had a row when it was looked at. He gives it back when he ends, or earlier when he rolls back to a savepoint, and that may come before
/// the one who looked begins to wait.
/// </summary>
/// <param name="Transaction">Who.</param>
/// <param name="Rollbacks">How often he had rolled back to a savepoint by then: a wait ends when he has done so more often.</param>
public readonly record struct RowHolder(Transaction Transaction, int Rollbacks);
