using System.Text;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Sql;

/// <summary>Whatever the text, the parser ends with a tree or a <see cref="PgError"/>.</summary>
public sealed class TokenSoupTests
{
    static readonly string[] Words =
    [
        .. Keywords.All.Select(Keywords.Word), .. Keywords.All.Where(k => Keywords.Category(k) == KeywordCategory.Reserved).Select(Keywords.Word),
        "a", "b", "t", "\"Q\"", "1", "2.5", "'x'", "E'\\n'", "$1", "$$x$$", "b'1'", "U&'\\0041'", "(", ")", "(", ")", "[", "]", ",", ",", ".", ";", ":",
        "::", ":=", "=>", "+", "-", "*", "/", "<", ">", "=", "<>", "<->", "||", "/* c */", "-- d\n", "\\", "'", "\"", "$", "é", "😀", "\0",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_tokens_never_crash(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 15_000; round++)
        {
            var sql = new StringBuilder();
            for (var i = random.Next(1, 30); i > 0; i--)
                sql.Append(Words[random.Next(Words.Length)]).Append(random.Next(8) == 0 ? "" : " ");
            AssertTreeOrError(sql.ToString());
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Damaged_statements_never_crash(int seed)
    {
        string[] statements =
        [
            "select a.b[1], (select max(c) from u), count(*) over (order by d rows 1 preceding) from t join v using (x) where a = any ($1) group by 1 limit 5",
            "insert into t (a, b.c[2]) values (1, E'\\n'), (default, $$x$$) on conflict (a) where b do update set (a, b) = (1, 2) returning *",
            "create table t (a int generated always as identity primary key, b text collate \"C\" default 'x', unique (a) include (b), like u including all)",
            "alter table t add column a int, alter b type numeric(10, 2) using c::numeric, drop constraint if exists d cascade",
            "create function f(a int default 1, out b text) returns setof record language sql immutable as $$select 1$$",
            "grant select (a), insert on table t to public, b with grant option",
            "copy t (a, b) from stdin with (format csv, header, force_null (a), delimiter ',')",
        ];
        var random = new Random(seed);
        for (var round = 0; round < 10_000; round++)
        {
            var words = statements[random.Next(statements.Length)].Split(' ').ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(words.Count);
                switch (random.Next(3))
                {
                    case 0: words.Insert(at, Words[random.Next(Words.Length)]); break;
                    case 1 when words.Count > 1: words.RemoveAt(at); break;
                    default: words[at] = Words[random.Next(Words.Length)]; break;
                }
            }
            AssertTreeOrError(string.Join(' ', words));
        }
    }

    static void AssertTreeOrError(string sql)
    {
        try
        {
            foreach (var parsed in SqlParser.Parse(sql))
            {
                if (parsed.Statement is not (QueryStatement or InsertStatement or UpdateStatement or DeleteStatement or MergeStatement)) continue;
                var written = SqlWriter.Write(parsed.Statement);
                Assert.Equal(written, SqlWriter.Write(SqlParser.Parse(written)[0].Statement));
            }
        }
        catch (PgError error)
        {
            Assert.InRange(error.Position, 0, sql.Length + 1);
        }
    }
}
