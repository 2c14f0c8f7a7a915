using PgVectorCompat.Sql;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The lock that ALTER TABLE takes: the strongest of its actions, each as in PostgreSQL.</summary>
static class AlterTableLocks
{
    public static LockMode Of(AlterTableStatement statement) => statement.Actions.Max(Of);

    static LockMode Of(AlterTableAction action) => action switch
    {
        ValidateConstraint or AlterColumnStatistics or AlterColumnOptions or ClusterOn or SetWithoutCluster => LockMode.ShareUpdateExclusive,
        AlterOptions { Options: var options } when !options.Any(option => ChangesPlans(option.Name)) => LockMode.ShareUpdateExclusive,
        // Readers may go on: only who writes asks for keys and triggers.
        AddConstraint { Constraint: ForeignKeyConstraint } or SetTriggerState { IsRule: false } => LockMode.ShareRowExclusive,
        _ => LockMode.AccessExclusive,
    };

    /// <summary>Options that say what a view, or an index of pgvector, is; the others only advise writers and maintenance.</summary>
    static bool ChangesPlans(string option)
        => option is "security_barrier" or "security_invoker" or "check_option" or "user_catalog_table" or "m" or "ef_construction" or "lists";
}
