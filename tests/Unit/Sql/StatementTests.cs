using PgVectorCompat.Sql;
using Xunit;

namespace PgVectorCompat.Unit.Sql;

/// <summary>Which statement each text is, and the parts that others read.</summary>
public sealed class StatementTests
{
    static T Parse<T>(string sql) where T : Statement => Assert.IsType<T>(SqlParser.Parse(sql)[0].Statement);

    [Theory]
    [InlineData("begin isolation level serializable, read only deferrable", nameof(BeginStatement))]
    [InlineData("start transaction", nameof(BeginStatement))]
    [InlineData("end and no chain", nameof(CommitStatement))]
    [InlineData("abort", nameof(RollbackStatement))]
    [InlineData("rollback work to savepoint a", nameof(RollbackToStatement))]
    [InlineData("release savepoint", nameof(ReleaseStatement))]
    [InlineData("prepare transaction 'x'", nameof(TwoPhaseStatement))]
    [InlineData("prepare p(int) as select $1", nameof(PrepareStatement))]
    [InlineData("execute p(1)", nameof(ExecuteStatement))]
    [InlineData("deallocate all", nameof(DeallocateStatement))]
    [InlineData("fetch next", nameof(FetchStatement))]
    [InlineData("move backward all in c", nameof(FetchStatement))]
    [InlineData("close c", nameof(CloseStatement))]
    [InlineData("set transaction read write", nameof(SetTransactionStatement))]
    [InlineData("set constraints all deferred", nameof(SetConstraintsStatement))]
    [InlineData("show time zone", nameof(ShowStatement))]
    [InlineData("discard plans", nameof(DiscardStatement))]
    [InlineData("notify c, 'p'", nameof(NotifyStatement))]
    [InlineData("vacuum (analyze) t(a, b)", nameof(VacuumStatement))]
    [InlineData("analyze", nameof(VacuumStatement))]
    [InlineData("explain analyze select 1", nameof(ExplainStatement))]
    [InlineData("lock t in share mode nowait", nameof(LockTableStatement))]
    [InlineData("truncate a, b restart identity cascade", nameof(TruncateStatement))]
    [InlineData("create table if not exists t as table u with no data", nameof(CreateTableAsStatement))]
    [InlineData("create or replace recursive view v(a) as select 1", nameof(CreateViewStatement))]
    [InlineData("create materialized view m as select 1", nameof(CreateTableAsStatement))]
    [InlineData("refresh materialized view concurrently m", nameof(RefreshMaterializedViewStatement))]
    [InlineData("create temp sequence s start 5", nameof(CreateSequenceStatement))]
    [InlineData("alter sequence s restart", nameof(AlterSequenceStatement))]
    [InlineData("alter sequence s owner to x", nameof(AlterTableStatement))]
    [InlineData("create schema authorization x create table t (a int)", nameof(CreateSchemaStatement))]
    [InlineData("create database d owner x", nameof(CreateDatabaseStatement))]
    [InlineData("create user u password 'x'", nameof(CreateRoleStatement))]
    [InlineData("alter role r set search_path = a, b", nameof(AlterRoleSetStatement))]
    [InlineData("create type t as enum ('a')", nameof(CreateEnumStatement))]
    [InlineData("create type t as (a int)", nameof(CreateCompositeTypeStatement))]
    [InlineData("alter type t add value 'x' after 'y'", nameof(AddEnumValueStatement))]
    [InlineData("create domain d as int check (value > 0)", nameof(CreateDomainStatement))]
    [InlineData("alter domain d drop not null", nameof(AlterDomainStatement))]
    [InlineData("create function f(a int) returns int language sql as 'select 1'", nameof(CreateFunctionStatement))]
    [InlineData("drop function f(int)", nameof(DropStatement))]
    [InlineData("drop role a, b", nameof(DropRoleStatement))]
    [InlineData("comment on column t.a is 'x'", nameof(CommentStatement))]
    [InlineData("grant select on t to public", nameof(GrantStatement))]
    [InlineData("revoke a from b", nameof(GrantRoleStatement))]
    [InlineData("alter default privileges grant select on tables to x", nameof(AlterDefaultPrivilegesStatement))]
    [InlineData("alter table t rename a to b", nameof(RenameStatement))]
    [InlineData("alter view v set schema s", nameof(AlterSchemaStatement))]
    [InlineData("alter function f() owner to x", nameof(AlterOwnerStatement))]
    [InlineData("alter extension vector update", nameof(AlterExtensionUpdateStatement))]
    [InlineData("do $$x$$", nameof(DoStatement))]
    [InlineData("call p(1)", nameof(CallStatement))]
    [InlineData("reindex index i", nameof(ReindexStatement))]
    [InlineData("(select 1)", nameof(QueryStatement))]
    public void First_words_decide(string sql, string expected)
        => Assert.Equal(expected, SqlParser.Parse(sql)[0].Statement.GetType().Name);

    [Theory]
    [InlineData("create trigger t before insert on x for each row execute function f()", "CREATE TRIGGER")]
    [InlineData("create rule r as on insert to t do also (select 1; select 2)", "CREATE RULE")]
    [InlineData("create foreign data wrapper w", "CREATE FOREIGN DATA WRAPPER")]
    [InlineData("alter policy p on t using (a)", "ALTER POLICY")]
    [InlineData("create operator class c for type int using btree as operator 1 <", "CREATE OPERATOR CLASS")]
    public void What_is_far_away_is_named(string sql, string expected)
        => Assert.Equal(expected, Parse<UnsupportedStatement>(sql + "; ").Feature);

    [Fact]
    public void Create_table_keeps_all_parts()
    {
        var table = Parse<CreateTableStatement>("""
            create unlogged table if not exists s.t (
                id bigint generated by default as identity (start 5) primary key,
                v vector(3) not null default '[1,2,3]' check (v is not null),
                u int references x.u (a) on delete set null deferrable initially deferred,
                like other including all excluding defaults,
                constraint k unique nulls not distinct (id, u) include (v)
            ) with (fillfactor = 70) tablespace ts
            """);
        var columns = table.Elements.OfType<ColumnDefinition>().ToList();
        var key = Assert.IsType<ForeignKeyConstraint>(columns[2].Constraints[0]);
        var unique = Assert.IsType<UniqueConstraint>(table.Elements[^1]);

        Assert.Equal((TablePersistence.Unlogged, true, "s.t", "ts"), (table.Persistence, table.IfNotExists, table.Name.ToString(), table.Tablespace));
        Assert.Equal(["bigint", "vector(3)", "integer"], columns.Select(c => c.Type!.ToString()));
        Assert.Equal(["IdentityConstraint", "UniqueConstraint"], columns[0].Constraints.Select(c => c.GetType().Name));
        Assert.Equal("REFERENCES x.u(a) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED", SqlWriter.Write(key));
        Assert.Equal("UNIQUE NULLS NOT DISTINCT (id, u) INCLUDE (v)", SqlWriter.Write(unique));
        Assert.Equal(LikeOptions.All & ~LikeOptions.Defaults, Assert.IsType<LikeClause>(table.Elements[3]).Including);
        Assert.Equal("70", table.Options[0].Value!.Text);
    }

    [Fact]
    public void Create_index_keeps_all_parts()
    {
        var index = Parse<CreateIndexStatement>(
            "create unique index concurrently i on only t using hnsw (v vector_l2_ops, lower(a) collate \"C\" desc nulls last, (a + b)) with (m = 16, quantization = 'sq8') where a > 1");

        Assert.Equal(("i", "hnsw", true, false), (index.Name, index.AccessMethod, index.IsConcurrent, index.Table.IncludesChildren));
        Assert.Equal(["v vector_l2_ops", "lower(a) COLLATE \"C\" DESC NULLS LAST", "(a + b)"], index.Elements.Select(SqlWriter.Write));
        Assert.Equal([("m", "16"), ("quantization", "sq8")], index.Options.Select(o => (o.Name, o.Value!.Text)));
    }

    [Fact]
    public void Alter_table_reads_a_list_of_actions()
    {
        var alter = Parse<AlterTableStatement>(
            "alter table if exists only t add a int not null, add constraint c check (a > 1) not valid, alter a type text using a::text, alter b drop default, drop column if exists c cascade, enable row level security, owner to current_user");

        Assert.Equal(
            ["AddColumn", "AddConstraint", "AlterColumnType", "AlterColumnDefault", "DropColumn", "SetRowSecurity", "ChangeOwner"],
            alter.Actions.Select(a => a.GetType().Name));
    }

    [Theory]
    [InlineData("copy t from stdin (format csv, header true, delimiter ';', force_quote *)", "format=csv header=true delimiter=; force_quote=")]
    [InlineData("copy t from stdin csv header delimiter as ';' null 'x'", "format=csv header= delimiter=; null=x")]
    [InlineData("copy binary t from stdin", "format=binary")]
    [InlineData("copy t from stdin using delimiters '|' with binary", "delimiter=| format=binary")]
    public void Copy_names_its_options_alike_in_all_syntaxes(string sql, string expected)
        => Assert.Equal(expected, string.Join(' ', Parse<CopyStatement>(sql).Options.Select(o => $"{o.Name}={o.Value?.Text}")));

    [Theory]
    [InlineData("set a.b to 'x', y, 1.5, on", "a.b", "'x' 'y' 1.5 'on'")]
    [InlineData("set local time zone interval '1' hour to minute", "timezone", "'1'::interval hour to minute")]
    [InlineData("set names 'utf8'", "client_encoding", "'utf8'")]
    [InlineData("set session authorization joe", "session_authorization", "'joe'")]
    [InlineData("set role none", "role", "'none'")]
    [InlineData("set session search_path = a, \"B\"", "search_path", "'a' 'B'")]
    public void Set_has_a_name_and_values(string sql, string name, string values)
    {
        var set = Parse<SetStatement>(sql);

        Assert.Equal((name, values), (set.Name, string.Join(' ', set.Values.Select(SqlWriter.Write))));
    }

    [Fact]
    public void Parameters_of_functions_have_mode_name_and_type()
    {
        var function = Parse<CreateFunctionStatement>(
            "create function f(double precision, x double precision, inout y int, z t.a%type, variadic int[] = '{}') returns table (a int) language sql return 1 + 1");

        Assert.Equal(
            ["In  double precision", "In x double precision", "InOut y integer", "In z t.a%TYPE", "Variadic  integer[]", "Table a integer"],
            function.Parameters.Select(p => $"{p.Mode} {p.Name} {p.Type}"));
        Assert.Equal("return 1 + 1", function.SqlBody);
    }
}
