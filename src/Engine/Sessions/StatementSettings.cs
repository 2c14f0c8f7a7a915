namespace PgVectorCompat.Engine.Sessions;

/// <summary>The settings that every statement asks for, read from their texts once after each change (<see cref="SessionSettings.ForStatements"/>).</summary>
internal sealed class StatementSettings(SessionSettings settings)
{
    public Isolation DefaultIsolation { get; } = StatementRunner.ParseIsolation(settings["default_transaction_isolation"]);
    public bool IsReadOnlyByDefault { get; } = settings.IsOn("default_transaction_read_only");
    public bool IsDeferrableByDefault { get; } = settings.IsOn("default_transaction_deferrable");

    /// <summary>0 for none.</summary>
    public int StatementTimeoutMs { get; } = settings.Integer("statement_timeout");
    public int IdleTimeoutMs { get; } = settings.Integer("idle_session_timeout");
    public int IdleInTransactionTimeoutMs { get; } = settings.Integer("idle_in_transaction_session_timeout");

    /// <summary>Whether a commit waits until it is on disk.</summary>
    public bool WaitsForFlush { get; } = settings["synchronous_commit"] != "off";

    public bool StandardStrings { get; } = settings.IsOn("standard_conforming_strings");

    public Planning.PlannerSwitches Planner { get; } = new(
        settings.IsOn("enable_seqscan"), settings.IsOn("enable_indexscan"), settings.IsOn("enable_bitmapscan"), settings.IsOn("enable_nestloop"));

    public int EfSearch { get; } = settings.Integer(VectorSettings.EfSearch);
    public int Probes { get; } = settings.Integer(VectorSettings.Probes);
    public bool HnswIterates { get; } = settings[VectorSettings.HnswIterativeScan] != "off";
    public bool IvfIterates { get; } = settings[VectorSettings.IvfIterativeScan] != "off";
}
