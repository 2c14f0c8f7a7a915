namespace PgVectorCompat.Sql;

/// <summary>The parts of the grammar over one query string; each part finds the others here.</summary>
/// <remarks>Parts are made when first asked for: most query strings need five of them.</remarks>
sealed class Grammar(TokenCursor tokens)
{
    public TokenCursor Tokens { get; } = tokens;

    public StatementRules Statements => field ??= new(this);
    public ExpressionRules Expressions => field ??= new(this);
    public PrimaryRules Primaries => field ??= new(this);
    public CallRules Calls => field ??= new(this);
    public WindowRules Windows => field ??= new(this);
    public TypeRules Types => field ??= new(this);
    public QueryRules Queries => field ??= new(this);
    public FromRules From => field ??= new(this);
    public DataRules Data => field ??= new(this);
    public CopyRules Copies => field ??= new(this);
    public OptionRules Options => field ??= new(this);
    public TableRules Tables => field ??= new(this);
    public ConstraintRules Constraints => field ??= new(this);
    public IndexRules Indexes => field ??= new(this);
    public SequenceRules Sequences => field ??= new(this);
    public SettingRules Settings => field ??= new(this);
    public TransactionRules Transactions => field ??= new(this);
    public SessionRules Sessions => field ??= new(this);
    public MaintenanceRules Maintenance => field ??= new(this);
    public CreateRules Creates => field ??= new(this);
    public AlterRules Alters => field ??= new(this);
    public AlterTableRules AlterTables => field ??= new(this);
    public AlterColumnRules AlterColumns => field ??= new(this);
    public ObjectRules Objects => field ??= new(this);
    public FunctionRules Functions => field ??= new(this);
    public RoleRules Roles => field ??= new(this);
    public GrantRules Grants => field ??= new(this);
    public UnsupportedRules Unsupported => field ??= new(this);
}
